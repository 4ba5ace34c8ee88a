"""Sensors DHT11 and DHT22. Sources: Aosong, DHT11 product manual (overall communication process), AM2302."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.part import Part
from emu.parts.setting import Quantity
from peripherals.framework.deadline import Deadline

US = 1000
START_NS = 800 * US
"""A low pulse at least so long asks for an answer: 18 ms of a DHT11, 0.8 ms of a DHT22."""
ANSWER_AFTER_NS = 30 * US
ACKNOWLEDGE = (80 * US, 80 * US)
BIT_LOW_NS, ZERO_HIGH_NS, ONE_HIGH_NS = 50 * US, 26 * US, 70 * US


class Dht11(Part):
    """Answers a long low pulse with 40 bits: whole percents and degrees."""

    kind = "dht11"
    wires: ClassVar[tuple[str, ...]] = ("data",)
    saved_state = ("_fell_ns", "_pulses", "_next")
    celsius = Quantity(25.0, "the temperature", within=(-40, 80))
    humidity = Quantity(50.0, "in percent", within=(0, 100))
    start_ns: ClassVar[int] = 18_000 * US

    def _connect(self) -> None:
        wire = self.place.wires["data"]
        wire.pull(True)
        wire.on_change(self._changed)
        self._next = Deadline(self.place.clock, self._pulse)

    def _power_on(self) -> None:
        self._pulses: list[int] = []  # how long each level lasts; the next is low if they are an even number
        self._fell_ns: int | None = None
        self._next.cancel()
        self.place.wires["data"].sink(False)

    def _figures(self) -> bytes:
        """Humidity and temperature, two bytes each."""
        return bytes((round(self.humidity), 0, max(round(self.celsius), 0), 0))

    def _changed(self, is_high: bool) -> None:
        now_ns = self.place.clock.now_ns
        if self._pulses:
            return  # that is the answer itself
        if not is_high:
            self._fell_ns = now_ns
        elif self._fell_ns is not None and now_ns - self._fell_ns >= self.start_ns:
            self._pulses = self._answer()
            self._next.schedule(ANSWER_AFTER_NS)

    def _answer(self) -> list[int]:
        figures = self._figures()
        data = int.from_bytes(figures + bytes((sum(figures) & 0xFF,)), "big")
        pulses: list[int] = list(ACKNOWLEDGE)
        for bit in range(39, -1, -1):
            pulses += (BIT_LOW_NS, ONE_HIGH_NS if data >> bit & 1 else ZERO_HIGH_NS)
        return [*pulses, BIT_LOW_NS, 0]

    def _pulse(self) -> None:
        duration_ns = self._pulses[0]
        is_low = len(self._pulses) % 2 == 0
        self.place.wires["data"].sink(is_low)
        self._pulses = self._pulses[1:]
        self._fell_ns = None
        if self._pulses:
            self._next.schedule(duration_ns)


class Dht22(Dht11):
    """The same with tenths, and also below zero."""

    kind = "dht22"
    start_ns = START_NS

    def _figures(self) -> bytes:
        tenths = round(abs(self.celsius) * 10) | (0x8000 if self.celsius < 0 else 0)
        return round(self.humidity * 10).to_bytes(2, "big") + tenths.to_bytes(2, "big")
