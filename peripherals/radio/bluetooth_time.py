"""The time of the Bluetooth blocks, which count slots. Facts and guesses: docs/radio.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Clock
from peripherals.framework.outlook import Count, Outlook

SLOT_NS: Final = 625_000
FINE_STEP_NS: Final = 1_000
TIME_MASK: Final = (1 << 27) - 1


class BluetoothTime:
    """Slots since power-on, and an alarm at the beginning of one."""

    def __init__(self, clock: Clock, on_due: Callable[[], None]) -> None:
        self._clock = clock
        self._deadline = Deadline(clock, on_due)

    @property
    def now(self) -> int:
        """Slots since power-on. The registers show the low 27 bits."""
        return self._clock.now_ns // SLOT_NS

    @property
    def fine(self) -> int:
        """Microseconds to the next slot, from 624 down to 0."""
        return self._fine_count.at(self._clock.now_ns)

    @property
    def outlook(self) -> Outlook:
        """How the low 27 bits of `now` go on."""
        start = self.now & ~TIME_MASK
        return Outlook((start + TIME_MASK + 1) * SLOT_NS, Count(-start * SLOT_NS, 1, SLOT_NS))

    @property
    def fine_outlook(self) -> Outlook:
        """How `fine` goes on."""
        return Outlook((self.now + 1) * SLOT_NS, self._fine_count)

    @property
    def _fine_count(self) -> Count:
        return Count((self.now + 1) * SLOT_NS - 1, -1, FINE_STEP_NS)

    def call_at(self, slot: int) -> None:
        """Call back at the beginning of that slot, which is still to come; once."""
        self._deadline.schedule_at(slot * SLOT_NS)

    def cancel(self) -> None:
        """Do not call back."""
        self._deadline.cancel()

    def save(self) -> int | None:
        """Take a snapshot: when it calls back."""
        return self._deadline.save()

    def restore(self, snapshot: int | None) -> None:
        """Go back to a snapshot; the clock must be back already."""
        self._deadline.restore(snapshot)


def next_match(now: int, target: int, low: int, width: int) -> int:
    """The first slot after `now` at which bits `low` and up of the time, `width` of them, are `target`."""
    unit = 1 << low
    span = unit << width
    start = (now + 1) // span * span + target % (1 << width) * unit
    if start + unit <= now + 1:
        start += span
    return max(start, now + 1)
