"""The pins that a serial adapter reaches besides the lines of a UART."""

from __future__ import annotations

from typing import Final

from emu.machine import Machine
from peripherals.framework.reset import ResetCause

BOOT_PIN: Final = "PA0"


class BoardPins:
    """A `Board` around a machine, for back ends with modem lines."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def reset(self) -> None:
        """Reset the chip as its reset pin does: like power-on."""
        self._machine.reset(ResetCause.POWER_ON)

    def drive_boot_pin(self, *, low: bool) -> None:
        """Hold the boot pin low, or let go of it."""
        pin = self._machine.pins[BOOT_PIN]
        if low:
            pin.drive(0)
        else:
            pin.release()
