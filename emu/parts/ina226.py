"""Current and power monitor. Source: Texas Instruments, INA226 data sheet SBOS547, chapter 7."""

from __future__ import annotations

from emu.parts.i2c_bus import I2cPart
from emu.parts.setting import Quantity, Setting

CONFIGURATION, SHUNT, BUS, POWER, CURRENT, CALIBRATION, MASK, LIMIT = range(8)
MANUFACTURER, DIE = 0xFE, 0xFF
AT_RESET = {CONFIGURATION: 0x4127, CALIBRATION: 0, MASK: 0, LIMIT: 0}
RESET, READY = 1 << 15, 1 << 3
SHUNT_VOLTS_PER_COUNT, BUS_VOLTS_PER_COUNT = 2.5e-6, 1.25e-3


class Ina226(I2cPart):
    """Measures `bus_volts` and the current through a shunt; a conversion is always complete."""

    kind = "ina226"
    saved_state = ("_registers", "_pointer", "_received", "_sent")
    address: Setting[int] = Setting(0x40, "its 7 bits, 0x40 to 0x4F by A1 and A0", within=(0x40, 0x4F))
    shunt_ohms = Setting(0.1, "the shunt", within=(1e-6, 1e3))
    bus_volts = Quantity(5.0, "at VBUS", within=(0, 36))
    amperes = Quantity(0.1, "through the shunt", within=(-1e6, 1e6))

    def _power_on(self) -> None:
        self._registers = dict(AT_RESET)
        self._pointer = self._sent = 0
        self._received = b""

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed."""
        self._received = b""
        self._sent = 0
        return True

    def write(self, byte: int) -> bool:
        """Take the pointer, then the high and the low byte of a register."""
        self._received += bytes((byte,))
        if len(self._received) == 1:
            self._pointer = byte
        elif len(self._received) == 3:
            self._store(self._pointer, int.from_bytes(self._received[1:], "big"))
        return True

    def read(self) -> int:
        """Give the register of the pointer, the high byte first."""
        word = self._register(self._pointer)
        self._sent += 1
        return word & 0xFF if self._sent % 2 == 0 else word >> 8

    def _store(self, pointer: int, word: int) -> None:
        if pointer == CONFIGURATION and word & RESET:
            self._registers = dict(AT_RESET)
        elif pointer in self._registers:
            self._registers[pointer] = word

    def _register(self, pointer: int) -> int:
        if pointer in self._registers:
            return self._registers[pointer] | READY * (pointer == MASK)
        figures = {
            SHUNT: self._shunt,
            BUS: round(self.bus_volts / BUS_VOLTS_PER_COUNT),
            CURRENT: self._current,
            POWER: abs(self._current) * round(self.bus_volts / BUS_VOLTS_PER_COUNT) // 20_000,
            MANUFACTURER: 0x5449,
            DIE: 0x2260,
        }
        return figures.get(pointer, 0) & 0xFFFF

    @property
    def _shunt(self) -> int:
        counts = round(self.amperes * self.shunt_ohms / SHUNT_VOLTS_PER_COUNT)
        return max(-0x8000, min(counts, 0x7FFF))

    @property
    def _current(self) -> int:
        return max(-0x8000, min(self._shunt * self._registers[CALIBRATION] // 2048, 0x7FFF))
