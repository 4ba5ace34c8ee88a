"""Real-time clock in the always-on domain. Layout: wm_rtc_reg_struct.h; use: wm_hal_rtc.c (wm_iot_sdk)."""

from __future__ import annotations

from datetime import datetime, timedelta

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fields import rw
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

EPOCH = datetime(2000, 1, 1)
SPAN = datetime(2128, 1, 1) - EPOCH
_SECOND = timedelta(seconds=1)


class Rtc(Peripheral):
    """A calendar that counts seconds while enabled; `alarm` goes high for a moment at a chosen time.

    Both registers read as the running time. While the alarm is off a write sets the time; while it is on, the
    time of the alarm.
    """

    # fmt: off
    class Time(Register, always_on=True):
        alarm_enable = rw(31)
        day          = rw(28, 24)
        hour         = rw(20, 16)
        minute       = rw(13, 8)
        second       = rw(5, 0)

    class Date(Register, always_on=True):
        count_enable = rw(16)
        year         = rw(14, 8, "since 2000")
        month        = rw(3, 0, "1 to 12")

    time = at(0x0, Time)
    date = at(0x4, Date)
    # fmt: on

    saved_state = ("_now", "_due", "_since_ns", "_is_counting", "_alarm")

    def __init__(self, name: str, environment: Environment, alarm: Line) -> None:
        super().__init__(name, environment)
        self._clock = environment.clock
        self._line = alarm
        self._now = (0, 0)  # time and date words, as of `_since_ns`
        self._due = (0, 0)  # those of the alarm
        self._since_ns = 0
        self._is_counting = False
        self._alarm = Deadline(self._clock, self._ring)

    @on_read(Time)
    def _read_time(self) -> int:
        return self._words()[0] | self.time.alarm_enable << 31

    @on_read(Date)
    def _read_date(self) -> int:
        return self._words()[1] | self.date.count_enable << 16

    @on_outlook(Time, Date)
    def _foresee(self) -> Outlook:
        if not self._is_counting:
            return STEADY
        return Outlook(self._since_ns + (self._elapsed_seconds + 1) * NS_PER_SECOND)

    @on_write(Time)
    def _write_time(self, data: int) -> None:
        word = data & 0x7FFF_FFFF
        if self.time.alarm_enable:
            self._due = word, self._due[1]
        else:
            self._set(word, self._words()[1])
        self._await_alarm()

    @on_write(Date)
    def _write_date(self, data: int) -> None:
        word = data & 0xFFFF
        time, date = self._words()
        if self.time.alarm_enable:
            # GUESS: only the alarm moves, though this register also starts and stops the count.
            self._due = self._due[0], word
            self._set(time, date)
        else:
            self._set(time, word)
        self._is_counting = bool(self.date.count_enable)
        self._await_alarm()

    def _set(self, time: int, date: int) -> None:
        self._now = time, date
        self._since_ns = self._clock.now_ns

    def _words(self) -> tuple[int, int]:
        """Work out the running time, as the words of both registers without their enable bits."""
        if not self._is_counting:
            return self._now
        moment = (_moment(*self._now) + self._elapsed_seconds * _SECOND) % SPAN + EPOCH
        time = moment.day << 24 | moment.hour << 16 | moment.minute << 8 | moment.second
        return time, moment.year - EPOCH.year << 8 | moment.month

    @property
    def _elapsed_seconds(self) -> int:
        return (self._clock.now_ns - self._since_ns) // NS_PER_SECOND

    def _await_alarm(self) -> None:
        self._alarm.cancel()
        delay_s = (_moment(*self._due) - _moment(*self._now)) // _SECOND
        if self.time.alarm_enable and self._is_counting and delay_s > self._elapsed_seconds:
            self._alarm.schedule_at(self._since_ns + delay_s * NS_PER_SECOND)

    def _ring(self) -> None:
        self._line(True)
        self._line(False)

    def _on_reset(self, cause: ResetCause) -> None:
        if cause is ResetCause.POWER_ON:
            self._now = self._due = (0, 0)
            self._is_counting = False
            self._alarm.cancel()


def _moment(time: int, date: int) -> timedelta:
    """Tell the time since 2000 that two register words mean; fields out of range run over into the next."""
    clock, calendar = Rtc.Time(reset_value=time), Rtc.Date(reset_value=date)
    month = datetime(EPOCH.year + calendar.year, min(max(calendar.month, 1), 12), 1)
    days = timedelta(days=max(clock.day, 1) - 1)
    return month - EPOCH + days + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
