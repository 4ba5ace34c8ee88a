"""A piezo buzzer that sounds at the frequency of its pin."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.net import Signal
from emu.parts.part import Part
from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND

MOST_TONES = 1000
SILENCE_NS = 50_000_000
"""Two edges further apart are no tone: 20 Hz is the lowest that can be heard."""


class Buzzer(Part):
    """Remembers its tones: of PWM by its frequency, of a pin that a program switches by its edges."""

    kind = "buzzer"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("tones", "_rose_ns", "_silence")

    def _connect(self) -> None:
        self.tones: list[tuple[int, float]] = []
        """Virtual time in nanoseconds and frequency, whenever that becomes another one; the last 1000."""
        self._rose_ns = -SILENCE_NS
        self._silence = Deadline(self.place.clock, lambda: self._note(0.0), is_silent=True)
        self.place.wires["pin"].on_signal(self._changed)
        self._changed(self.place.wires["pin"].signal)

    @property
    def frequency_hz(self) -> float:
        """What is to be heard now; 0 for silence."""
        return self.tones[-1][1] if self.tones else 0.0

    def _changed(self, signal: Signal) -> None:
        if signal.frequency_hz:
            self._silence.cancel()
            self._note(signal.frequency_hz if 0 < signal.duty < 1 else 0.0)
            return
        if self._silence.due_ns is None:
            self._note(0.0)  # if it was PWM, that is over
        if signal.duty:
            self._rose(self.place.clock.now_ns)

    def _rose(self, now_ns: int) -> None:
        period_ns, self._rose_ns = now_ns - self._rose_ns, now_ns
        if 0 < period_ns < SILENCE_NS:
            self._note(round(NS_PER_SECOND / period_ns, 1))
            self._silence.schedule(SILENCE_NS)

    def _note(self, frequency_hz: float) -> None:
        if frequency_hz != self.frequency_hz:
            self.tones = [*self.tones[1 - MOST_TONES :], (self.place.clock.now_ns, frequency_hz)]
