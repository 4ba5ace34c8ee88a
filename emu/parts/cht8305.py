"""Sensor of temperature and humidity, as on HLK-W800-KIT.

Source: Sensylink, CHT8305 data sheet, as the library RobTillaart/CHT8305 has it, and what it found on one.
"""

from __future__ import annotations

from typing import ClassVar

from emu.parts.i2c_bus import I2cPart
from emu.parts.setting import Quantity, Setting
from peripherals.framework.deadline import Deadline

TEMPERATURE, HUMIDITY, CONFIGURATION, LIMITS, SUPPLY = range(5)
MANUFACTURER, VERSION = 0xFE, 0xFF
RESET, BOTH, SUPPLY_IS_GOOD, COARSE_TEMPERATURE = 1 << 15, 1 << 12, 1 << 11, 1 << 10
PENDING, HUMIDITY_ALERT, TEMPERATURE_ALERT = 1 << 5, 1 << 4, 1 << 3
ALERTS = PENDING | HUMIDITY_ALERT | TEMPERATURE_ALERT
CONFIGURATION_AT_RESET = 0x1004
NO_LIMITS = 0xFFFF  # GUESS: what they are behind a reset
CONVERSION_NS = 7_500_000
"""Behind 7 ms the library found nothing yet, behind 8 ms it did."""
SUPPLY_FOUND = 0x7FFF
"""What the library has read, with 3.3 V as with 5 V."""


class Cht8305(I2cPart):
    """Measures when its pointer is set to the temperature; its alert is low while a limit is exceeded."""

    kind = "cht8305"
    optional_wires: ClassVar[tuple[str, ...]] = ("alert",)
    saved_state = ("_registers", "_results", "_received", "_pointer", "_sent", "_ready")
    address: Setting[int] = Setting(0x40, "its 7 bits: 0x40 to 0x43 by AD0", within=(0x40, 0x43))
    celsius = Quantity(25.0, "the temperature", within=(-40, 125))
    humidity = Quantity(50.0, "in percent", within=(0, 100))

    def _connect(self) -> None:
        self._ready = Deadline(self.place.clock, self._finish)
        if (wire := self.place.wires.get("alert")) is not None:
            wire.pull(True)  # by a resistor, as on the board

    def _power_on(self) -> None:
        self._ready.cancel()
        self._registers = {CONFIGURATION: CONFIGURATION_AT_RESET, LIMITS: NO_LIMITS}
        self._results = {TEMPERATURE: 0, HUMIDITY: 0}
        self._received = b""
        self._pointer = self._sent = 0
        self._alert(False)

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed; a read of what is being measured is not acknowledged."""
        self._received = b""
        self._sent = 0
        return not (is_read and self._pointer in self._results and self._ready.due_ns is not None)

    def write(self, byte: int) -> bool:
        """Take the pointer, then the high and the low byte of a register."""
        self._received += bytes((byte,))
        if len(self._received) == 1:
            self._pointer = byte
            both = self._registers[CONFIGURATION] & BOTH
            if byte == TEMPERATURE or (byte == HUMIDITY and not both):
                self._ready.schedule(CONVERSION_NS)
        elif len(self._received) == 3:
            self._store(int.from_bytes(self._received[1:], "big"))
        return True

    def read(self) -> int:
        """Give the register of the pointer, its high byte first; behind the temperature the humidity."""
        word = self._register(self._pointer + (self._sent // 2 if self._pointer == TEMPERATURE else 0))
        self._sent += 1
        return word & 0xFF if self._sent % 2 == 0 else word >> 8

    def _store(self, word: int) -> None:
        if self._pointer == CONFIGURATION and word & RESET:
            self._power_on()
        elif self._pointer == CONFIGURATION:
            self._registers[CONFIGURATION] = word & ~ALERTS | self._registers[CONFIGURATION] & ALERTS
        elif self._pointer == LIMITS:
            self._registers[LIMITS] = word

    def _register(self, pointer: int) -> int:
        if pointer == CONFIGURATION:
            return self._registers[CONFIGURATION] | SUPPLY_IS_GOOD
        fixed = {SUPPLY: SUPPLY_FOUND, MANUFACTURER: 0x5959, VERSION: 0x8305}
        return (self._registers | self._results | fixed).get(pointer, 0)

    def _finish(self) -> None:
        configuration = self._registers[CONFIGURATION]
        temperature_bits = 11 if configuration & COARSE_TEMPERATURE else 14
        humidity_bits = (14, 11, 8, 8)[configuration >> 8 & 3]
        self._results = {
            TEMPERATURE: _word((self.celsius + 40) / 165, temperature_bits),
            HUMIDITY: _word(self.humidity / 100, humidity_bits),
        }
        self._compare()

    def _compare(self) -> None:
        """Raise an alert where a limit is exceeded, as the mode of alerts says: either, one, or both."""
        limits, configuration = self._registers[LIMITS], self._registers[CONFIGURATION]
        is_hot = self._results[TEMPERATURE] >> 7 > limits & 0x1FF
        is_damp = self._results[HUMIDITY] >> 9 > limits >> 9
        is_alert = (is_hot or is_damp, is_hot, is_damp, is_hot and is_damp)[configuration >> 6 & 3]
        found = PENDING * is_alert | HUMIDITY_ALERT * is_damp | TEMPERATURE_ALERT * is_hot
        self._registers[CONFIGURATION] = configuration & ~ALERTS | found
        self._alert(is_alert)

    def _alert(self, is_low: bool) -> None:
        if (wire := self.place.wires.get("alert")) is not None:
            wire.sink(is_low)


def _word(share: float, bits: int) -> int:
    """A share of the range, as the upper bits of a word."""
    unused = 16 - bits
    return round(share * 0xFFFF) >> unused << unused
