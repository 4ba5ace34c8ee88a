"""Sensors DHT11 and DHT22.

Sources: Aosong (ASAIR), product manuals of DHT11, that for -20 to 60 C, with tenths, and AM2302.
"""

from __future__ import annotations

from typing import ClassVar

from emu.parts.part import Part
from emu.parts.setting import Quantity
from peripherals.framework.deadline import Deadline

US = 1000
ZERO, ONE = (50 * US, 26 * US), (50 * US, 70 * US)
"""A bit: low, then high."""


class Dht11(Part):
    """Answers a long low pulse with 40 bits: percents and degrees, each with tenths.

    It measures when it is asked, but not more often than its sampling period: sooner it sends the same again.
    A real one sends what it measured when it was asked the time before.
    """

    kind = "dht11"
    wires: ClassVar[tuple[str, ...]] = ("data",)
    saved_state = ("_fell_ns", "_pulses", "_next", "_measured", "_measured_ns")
    celsius = Quantity(25.0, "the temperature", within=(-40, 80))
    humidity = Quantity(50.0, "in percent", within=(0, 100))

    # GUESS: the manual asks for 18 ms, but there are drivers that hold it for 15 ticks of 1 ms.
    start_ns: ClassVar[int] = 10_000 * US
    """How long a low pulse is at least that asks for an answer."""
    sampling_ns: ClassVar[int] = 1_000_000 * US
    answer_after_ns: ClassVar[int] = 13 * US  # GUESS: there are drivers that look so soon
    acknowledge: ClassVar[tuple[int, int]] = (83 * US, 87 * US)
    """Low, then high, in ns."""

    def _connect(self) -> None:
        wire = self.place.wires["data"]
        wire.pull(True)
        wire.on_change(self._changed)
        self._next = Deadline(self.place.clock, self._pulse)

    def _power_on(self) -> None:
        self._pulses: list[int] = []  # how long each level lasts; the next is low if they are an even number
        self._fell_ns: int | None = None
        self._measured = b""
        self._measured_ns = 0
        self._next.cancel()
        self.place.wires["data"].sink(False)

    def _figures(self) -> bytes:
        """Humidity and temperature, two bytes each."""
        percents, tenths = divmod(round(self.humidity * 10), 10)
        degrees, tenths_of_degree = divmod(round(abs(self.celsius) * 10), 10)
        sign = 0x80 if self.celsius < 0 else 0
        return bytes((percents, tenths, degrees, sign | tenths_of_degree))

    def _changed(self, is_high: bool) -> None:
        now_ns = self.place.clock.now_ns
        if self._pulses:
            return  # that is the answer itself
        if not is_high:
            self._fell_ns = now_ns
        elif self._fell_ns is not None and now_ns - self._fell_ns >= self.start_ns:
            if not self._measured or now_ns - self._measured_ns >= self.sampling_ns:
                self._measured, self._measured_ns = self._figures(), now_ns
            self._pulses = self._answer()
            self._next.schedule(self.answer_after_ns)

    def _answer(self) -> list[int]:
        data = int.from_bytes(self._measured + bytes((sum(self._measured) & 0xFF,)), "big")
        pulses = list(self.acknowledge)
        for bit in range(39, -1, -1):
            pulses += ONE if data >> bit & 1 else ZERO
        return [*pulses, ZERO[0], 0]

    def _pulse(self) -> None:
        wire = self.place.wires["data"]
        duration_ns = self._pulses[0]
        wire.sink(len(self._pulses) % 2 == 0)
        self._pulses = self._pulses[1:]
        if self._pulses:
            self._next.schedule(duration_ns)
        else:  # the chip may be asking again already
            self._fell_ns = None if wire.level else self.place.clock.now_ns


class Dht22(Dht11):
    """Answers a shorter low pulse: as a DHT11, with tenths of 16 bits and other times."""

    kind = "dht22"
    # GUESS: 0.8 ms of the manual, less a tenth: a timer that counts 800 us may stop at 799.
    start_ns = 720 * US
    sampling_ns = 2_000_000 * US
    answer_after_ns = 30 * US
    acknowledge = (80 * US, 80 * US)

    def _figures(self) -> bytes:
        tenths = round(abs(self.celsius) * 10) | (0x8000 if self.celsius < 0 else 0)
        return round(self.humidity * 10).to_bytes(2, "big") + tenths.to_bytes(2, "big")
