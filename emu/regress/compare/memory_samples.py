"""Looks at the memory of a machine again and again while it runs."""

from __future__ import annotations

from typing import Final

from emu.machine import Machine
from emu.machine.memory_use import heap, stacks
from emu.regress.compare.measurement import Sample

_FIRST_STEP_NS: Final = 1_000_000
_MOST: Final = 128


class MemorySamples:
    """Samples at equal distances: when there are too many, every other one goes, and the distance doubles.

    It only looks: the run stays the same.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._step_ns = _FIRST_STEP_NS
        self._samples: list[Sample] = []
        self._alarm = machine.board.clock.alarm(self._take, is_silent=True)
        self._alarm.schedule(self._step_ns)

    def close(self) -> list[Sample]:
        """Stop; all that was seen, the present included."""
        self._alarm.cancel()
        return [*self._samples, self._sample()]

    def _take(self) -> None:
        self._samples.append(self._sample())
        if len(self._samples) >= _MOST:
            self._samples = self._samples[1::2]
            self._step_ns *= 2
        self._alarm.schedule(self._step_ns)

    def _sample(self) -> Sample:
        found = heap(self._machine)
        return Sample(self._machine.now_ns, found.free if found else None, stacks(self._machine))
