"""Sensor of temperature and humidity. Source: Sensirion, SHT3x-DIS data sheet version 6, chapter 4."""

from __future__ import annotations

from emu.parts.checksum import crc8
from emu.parts.i2c_bus import I2cPart
from emu.parts.setting import Quantity, Setting
from peripherals.framework.deadline import Deadline

MEASUREMENT_NS = {
    **{0x2400: 12_500_000, 0x240B: 4_500_000, 0x2416: 2_500_000},
    **{0x2C06: 12_500_000, 0x2C0D: 4_500_000, 0x2C10: 2_500_000},
}
"""Typical; a read behind those of 0x2C holds the clock meanwhile, one behind the others is refused."""
WITH_STRETCHING = 0x2C
READ_STATUS, CLEAR_STATUS, SOFT_RESET, HEATER_ON, HEATER_OFF = 0xF32D, 0x3041, 0x30A2, 0x306D, 0x3066
HEATER, RESET_DETECTED = 1 << 13, 1 << 4


class Sht3x(I2cPart):
    """Measures once each command."""

    kind = "sht3x"
    saved_state = ("_command", "_answer", "_status", "_result", "_ready")
    address: Setting[int] = Setting(0x44, "its 7 bits: 0x44, or 0x45 with ADDR high", choices=(0x44, 0x45))
    celsius = Quantity(25.0, "the temperature", within=(-45, 130))
    humidity = Quantity(50.0, "in percent", within=(0, 100))

    def _connect(self) -> None:
        self._ready = Deadline(self.place.clock, self._finish)

    def _power_on(self) -> None:
        self._command = self._answer = self._result = b""
        self._status = RESET_DETECTED
        self._ready.cancel()

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed; False for a read while there is nothing to read, and nothing to wait for."""
        if not is_read:
            self._command = b""
            return True
        due_ns = self._ready.due_ns
        if due_ns is not None and self._command[:1] == bytes((WITH_STRETCHING,)):
            self.stretch(due_ns - self.place.clock.now_ns)
            return True
        return bool(self._answer)

    def write(self, byte: int) -> bool:
        """Take a command, which is two bytes."""
        self._command += bytes((byte,))
        if len(self._command) == 2:
            self._carry_out(int.from_bytes(self._command, "big"))
        return True

    def read(self) -> int:
        """Give the next byte of the answer: words, each with its checksum."""
        if not self._answer:
            return 0xFF
        byte, self._answer = self._answer[0], self._answer[1:]
        return byte

    def _carry_out(self, command: int) -> None:
        self._answer = b""
        if command in MEASUREMENT_NS:
            self._result = self._measured()
            self._ready.schedule(MEASUREMENT_NS[command])
        elif command == READ_STATUS:
            self._answer = _with_checksum(self._status)
        elif command == CLEAR_STATUS:
            self._status &= HEATER
        elif command == SOFT_RESET:
            self._power_on()
        elif command in (HEATER_ON, HEATER_OFF):
            self._status = self._status & ~HEATER | HEATER * (command == HEATER_ON)

    def _measured(self) -> bytes:
        temperature = round((self.celsius + 45) / 175 * 0xFFFF)
        humidity = round(self.humidity / 100 * 0xFFFF)
        return _with_checksum(temperature) + _with_checksum(humidity)

    def _finish(self) -> None:
        self._answer = self._result


def _with_checksum(word: int) -> bytes:
    data = word.to_bytes(2, "big")
    return data + bytes((crc8(data, polynomial=0x31, start=0xFF),))
