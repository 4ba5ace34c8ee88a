"""Why a block restarts; registers of the always-on domain keep their values unless power was lost."""

from __future__ import annotations

from enum import Enum


class ResetCause(Enum):
    """What pulled the reset line."""

    POWER_ON = "power-on"
    WATCHDOG = "watchdog"
    SOFTWARE = "soft reset of one block"
    WAKE_UP = "wake-up from standby"
