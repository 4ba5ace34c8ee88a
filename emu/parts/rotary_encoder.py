"""A knob that can be turned without end, with two contacts to ground."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.part import Part, stimulus
from emu.parts.setting import Setting
from peripherals.framework.deadline import Deadline

STEPS = ((True, True), (False, True), (False, False), (True, False))
"""Levels of A and B; forwards A comes first."""
NS_PER_MS = 1_000_000


class RotaryEncoder(Part):
    """Goes through four steps of its contacts a notch, `step_ms` each."""

    kind = "rotary_encoder"
    wires: ClassVar[tuple[str, ...]] = ("a", "b")
    saved_state = ("position", "_left", "_next")
    step_ms = Setting(2, "how long each of the four steps takes", within=(1, 1000))

    def _connect(self) -> None:
        self.position = 0
        """In quarters of a notch."""
        self._left = 0
        self._next = Deadline(self.place.clock, self._step)
        for role in "ab":
            self.place.wires[role].pull(True)

    @stimulus
    def turn(self, notches: int) -> None:
        """Turn it, forwards or, with a negative number, backwards."""
        self._left += 4 * notches
        if self._left and self._next.due_ns is None:
            self._step()

    def _step(self) -> None:
        direction = 1 if self._left > 0 else -1
        self._left -= direction
        self.position += direction
        for role, level in zip("ab", STEPS[self.position % 4], strict=True):
            self.place.wires[role].sink(not level)
        if self._left:
            self._next.schedule(self.step_ms * NS_PER_MS)
