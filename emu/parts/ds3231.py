"""Clock with a crystal of its own. Source: Maxim, DS3231 data sheet 19-5170, registers 00h to 12h."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from emu.parts.errors import PartError
from emu.parts.i2c_bus import I2cPart
from emu.parts.setting import Quantity, Setting
from peripherals.framework.environment import NS_PER_SECOND

REGISTERS = 0x13
CONTROL, STATUS, TEMPERATURE = 0x0E, 0x0F, 0x11
OSCILLATOR_STOPPED = 0x80
EPOCH = datetime(2000, 1, 1)
HOURS_12, AFTERNOON, CENTURY = 0x40, 0x20, 0x80


class Ds3231(I2cPart):
    """Keeps the time, from `start` on; alarms do not fire. Its battery keeps it while the power is off."""

    kind = "ds3231"
    saved_state = ("_registers", "_pointer", "_is_pointer_next", "_seconds", "_set_at_ns", "_weekday_offset")
    address: Setting[int] = Setting(0x68, "its 7 bits, which are fixed", choices=(0x68,))
    start = Setting("2026-01-01 00:00:00", "what it shows when it is attached")
    celsius = Quantity(25.0, "of the chip", within=(-128, 127.75))

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        try:
            start = datetime.fromisoformat(self.start)
        except ValueError:
            raise PartError(f"{self.name}: start: {self.start!r} is no time: 2026-01-01 00:00:00") from None
        self._start = int((start - EPOCH).total_seconds())

    def _connect(self) -> None:
        self._seconds = self._start
        self._set_at_ns = self.place.clock.now_ns
        self._weekday_offset = 0
        self._registers = [0] * REGISTERS
        self._registers[CONTROL], self._registers[STATUS] = 0x1C, 0x08
        self._pointer = 0
        self._is_pointer_next = False

    @property
    def time(self) -> datetime:
        """What it shows."""
        passed = (self.place.clock.now_ns - self._set_at_ns) // NS_PER_SECOND
        return EPOCH + timedelta(seconds=self._seconds + passed)

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed: what is read is the time of this moment."""
        self._is_pointer_next = not is_read
        self._latch()
        return True

    def write(self, byte: int) -> bool:
        """Take the pointer, then registers."""
        if self._is_pointer_next:
            self._is_pointer_next = False
            self._pointer = byte % REGISTERS
            return True
        if self._pointer == STATUS:
            stopped = self._registers[STATUS] & byte & OSCILLATOR_STOPPED  # can only be cleared
            self._registers[STATUS] = stopped | byte & 0x7F
        elif self._pointer < TEMPERATURE:
            self._registers[self._pointer] = byte
        if self._pointer < 7:
            self._set_time()
        self._pointer = (self._pointer + 1) % REGISTERS
        return True

    def read(self) -> int:
        """Give the next register."""
        byte = self._registers[self._pointer]
        self._pointer = (self._pointer + 1) % REGISTERS
        return byte

    def _latch(self) -> None:
        now, registers = self.time, self._registers
        hours = _bcd(now.hour)
        if registers[2] & HOURS_12:
            hours = HOURS_12 | AFTERNOON * (now.hour >= 12) | _bcd((now.hour - 1) % 12 + 1)
        weekday = (now.isoweekday() - 1 + self._weekday_offset) % 7 + 1
        month = _bcd(now.month) | CENTURY * (now.year >= 2100)
        second, minute, day, year = map(_bcd, (now.second, now.minute, now.day, now.year % 100))
        registers[:7] = [second, minute, hours, weekday, day, month, year]
        quarters = round(self.celsius * 4)
        registers[TEMPERATURE : TEMPERATURE + 2] = [quarters >> 2 & 0xFF, (quarters & 3) << 6]

    def _set_time(self) -> None:
        """Go on from what the registers say; a date that there is not stays as the last one was."""
        second, minute, hour, weekday, day, month, year = self._registers[:7]
        is_afternoon = hour & HOURS_12 and hour & AFTERNOON
        hours = _plain(hour & 0x1F) % 12 if hour & HOURS_12 else _plain(hour & 0x3F)
        century = 2100 if month & CENTURY else 2000
        try:
            date = datetime(century + _plain(year), _plain(month & 0x1F), _plain(day))
        except ValueError:
            return  # the other registers of the date are about to come
        clock = timedelta(
            hours=hours + 12 * bool(is_afternoon), minutes=_plain(minute), seconds=_plain(second)
        )
        self._seconds = int((date + clock - EPOCH).total_seconds())
        self._set_at_ns = self.place.clock.now_ns
        self._weekday_offset = weekday - date.isoweekday()


def _bcd(number: int) -> int:
    return number // 10 << 4 | number % 10


def _plain(bcd: int) -> int:
    return 10 * (bcd >> 4) + (bcd & 0xF)
