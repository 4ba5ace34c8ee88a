"""Controller of a PSRAM, whose memory the board maps. Layout: wm_psram_reg_struct.h; use: wm_hal_psram.c."""

from __future__ import annotations

from peripherals.framework.environment import Environment
from peripherals.framework.fields import rw, unmodelled, wo
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at


class Psram(Peripheral):
    """Its reset is over at once, and it is always ready: the memory takes no time here."""

    # fmt: off
    class Control(Register):
        half_sleep   = unmodelled(11, doc="the memory takes no time and no power")
        select_high  = unmodelled(10, 8, "the memory takes no time")
        divider      = unmodelled(7, 4, "the memory takes no time")
        burst        = unmodelled(2, doc="the memory takes no time")
        quad         = rw(1, doc="4 data lines: read back to see that it is so")
        reset        = wo(0, doc="the driver waits until it reads as 0")

    class Timeout(Register):
        select_low   = unmodelled(11, 0, "the memory takes no time")

    control = at(0x00, Control)
    timeout = at(0x04, Timeout)
    # fmt: on

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
