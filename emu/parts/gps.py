"""A GPS receiver that sends sentences every second. Source: NMEA 0183 (RMC, GGA)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import xor
from typing import Any

from emu.parts.errors import PartError
from emu.parts.setting import Quantity, Setting
from emu.parts.uart_part import UartPart
from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND


class Gps(UartPart):
    """Tells where it is, and the time."""

    kind = "gps"
    saved_state = ("_attached_ns", "_next")
    start = Setting("2026-01-01 00:00:00", "the time when it is attached, UTC")
    latitude = Quantity(48.1173, "degrees, north of the equator", within=(-90, 90))
    longitude = Quantity(11.5167, "degrees, east of Greenwich", within=(-180, 180))
    altitude = Quantity(545.4, "metres above the sea", within=(-1000, 100_000))
    knots = Quantity(0.0, "how fast it goes", within=(0, 9999))
    course = Quantity(0.0, "degrees from north", within=(0, 360))
    has_fix = Quantity(True, "whether it knows where it is")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        try:
            self._start = datetime.fromisoformat(self.start)
        except ValueError:
            raise PartError(f"{self.name}: start: {self.start!r} is no time: 2026-01-01 00:00:00") from None

    def _connect(self) -> None:
        self._next = Deadline(self.place.clock, self._tell)
        self._attached_ns = self.place.clock.now_ns
        self._next.schedule(NS_PER_SECOND)

    def _tell(self) -> None:
        now_ns = self.place.clock.now_ns
        now = self._start + timedelta(microseconds=(now_ns - self._attached_ns) // 1000)
        place = f"{_degrees(self.latitude, 2, 'NS')},{_degrees(self.longitude, 3, 'EW')}"
        time = f"{now:%H%M%S}.{now.microsecond // 10_000:02}"
        if self.has_fix:
            rmc = f"GPRMC,{time},A,{place},{self.knots:.1f},{self.course:.1f},{now:%d%m%y},,,A"
            gga = f"GPGGA,{time},{place},1,08,0.9,{self.altitude:.1f},M,46.9,M,,"
        else:
            rmc, gga = f"GPRMC,{time},V,,,,,,,{now:%d%m%y},,,N", f"GPGGA,{time},,,,,0,00,99.9,,,,,,"
        self.send("".join(f"${text}*{_checksum(text):02X}\r\n" for text in (rmc, gga)).encode())
        self._next.schedule(NS_PER_SECOND)


def _degrees(value: float, digits: int, letters: str) -> str:
    """Degrees and minutes, as in 4807.0380,N."""
    minutes_of_all = round(abs(value) * 60, 4)
    degrees, minutes = divmod(minutes_of_all, 60)
    return f"{int(degrees):0{digits}}{minutes:07.4f},{letters[value < 0]}"


def _checksum(text: str) -> int:
    return reduce(xor, text.encode())
