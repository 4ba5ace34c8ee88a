"""A piezo buzzer that sounds at the frequency of its pin."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.net import Signal
from emu.parts.part import Part
from peripherals.framework.environment import NS_PER_SECOND

MOST_TONES = 1000
SILENCE_NS = 50_000_000
"""Two edges further apart are no tone: 20 Hz is the lowest that can be heard."""


class Buzzer(Part):
    """Remembers its tones: of PWM by its frequency, of a pin that a program switches by its edges."""

    kind = "buzzer"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("tones", "_rose_ns")

    def _connect(self) -> None:
        self.tones: list[tuple[int, float]] = []
        """Virtual time in nanoseconds and frequency, whenever that becomes another one; the last 1000."""
        self._rose_ns = -SILENCE_NS
        self.place.wires["pin"].on_signal(self._changed)

    @property
    def frequency_hz(self) -> float:
        """What is to be heard now; 0 for silence."""
        signal = self.place.wires["pin"].signal
        if signal.frequency_hz:
            return signal.frequency_hz if 0 < signal.duty < 1 else 0.0
        is_over = self.place.clock.now_ns - self._rose_ns > SILENCE_NS
        return 0.0 if is_over or not self.tones else self.tones[-1][1]

    def _changed(self, signal: Signal) -> None:
        now_ns = self.place.clock.now_ns
        if signal.frequency_hz or not signal.duty:
            if signal.frequency_hz:
                self._note(now_ns, signal.frequency_hz if 0 < signal.duty < 1 else 0.0)
            return
        period_ns, self._rose_ns = now_ns - self._rose_ns, now_ns
        if 0 < period_ns < SILENCE_NS:
            self._note(now_ns, round(NS_PER_SECOND / period_ns, 1))

    def _note(self, now_ns: int, frequency_hz: float) -> None:
        if not self.tones or self.tones[-1][1] != frequency_hz:
            self.tones = [*self.tones[1 - MOST_TONES :], (now_ns, frequency_hz)]
