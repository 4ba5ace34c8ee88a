"""Light sensor. Source: ROHM BH1750FVI data sheet (instruction set, measurement sequence, MTreg)."""

from __future__ import annotations

from emu.parts.i2c_bus import I2cPart
from emu.parts.setting import Quantity, Setting
from peripherals.framework.deadline import Deadline

POWER_DOWN, POWER_ON, RESET = 0x00, 0x01, 0x07
LOW_RESOLUTION, HIGH_RESOLUTION_2 = 0b11, 0b01
USUAL_TIME = 69
COUNTS_PER_LUX = 1.2
LOW_RESOLUTION_NS, HIGH_RESOLUTION_NS = 16_000_000, 120_000_000
"""Typical, with the usual measurement time."""


class Bh1750(I2cPart):
    """Measures `lux`, once or again and again; a read gives the last result."""

    kind = "bh1750"
    saved_state = ("_mode", "_time", "_result", "_place_of_result", "_ready")
    address: Setting[int] = Setting(0x23, "its 7 bits: 0x23, or 0x5C with ADDR high", choices=(0x23, 0x5C))
    lux = Quantity(100.0, "the light", within=(0, 121_557))

    def _connect(self) -> None:
        self._ready = Deadline(self.place.clock, self._finish)
        self._place_of_result = 8

    def _power_on(self) -> None:
        self._mode: int | None = None
        self._time = USUAL_TIME
        self._result = 0
        self._ready.cancel()

    def write(self, byte: int) -> bool:
        """Take an instruction, which is one byte."""
        if byte == POWER_DOWN:
            self._mode = None
            self._ready.cancel()
        elif byte == RESET and self._mode is not None:
            self._result = 0
        elif byte & 0xF8 == 0x40:
            self._time = byte << 5 & 0xE0 | self._time & 0x1F
        elif byte & 0xE0 == 0x60:
            self._time = self._time & 0xE0 | byte & 0x1F
        elif byte >> 4 in (1, 2):
            self._mode = byte
            self._measure()
        return True

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed."""
        self._place_of_result = 8
        return True

    def read(self) -> int:
        """Give the high byte of the result, then the low one."""
        byte = self._result >> self._place_of_result & 0xFF
        self._place_of_result = 0
        return byte

    def _measure(self) -> None:
        assert self._mode is not None
        is_short = self._mode & 3 == LOW_RESOLUTION
        usual_ns = LOW_RESOLUTION_NS if is_short else HIGH_RESOLUTION_NS
        self._ready.schedule(usual_ns * self._time // USUAL_TIME)

    def _finish(self) -> None:
        if self._mode is None:
            return
        counts = self.lux * COUNTS_PER_LUX * self._time / USUAL_TIME
        if self._mode & 3 == HIGH_RESOLUTION_2:
            counts *= 2
        elif self._mode & 3 == LOW_RESOLUTION:
            counts = counts // 4 * 4  # its resolution is 4 lx
        self._result = min(round(counts), 0xFFFF)
        if self._mode >> 4 == 1:
            self._measure()
        else:
            self._mode = None  # a single measurement ends with power-down
