"""Going back: snapshots on the way, and the way again from the one before."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final, Protocol

from emu.history.snapshot import Snapshot
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.recorder import Recorder
from emu.machine.run_control import STEPPED_AT_MOST, RunControl, RunLimits
from emu.machine.state_tree import StateTree
from peripherals.framework.page_copies import PAGE_BYTES

EVERY_NS: Final = 200_000_000
LIMIT_BYTES: Final = 64 << 20
_REST_BYTES: Final = 80_000
"""What a snapshot takes besides its pages of memory (measured)."""
NEAR: Final = 128
"""So many instructions before a place gone to are single steps, with a snapshot after each `_NEAR_EVERY`
of them: whoever goes back from there step by step has it close by."""
_NEAR_EVERY: Final = 16


class Mutable(Protocol):
    """What tells users of what happens."""

    is_muted: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A place on the way."""

    snapshot: Snapshot
    inputs: int
    """How many had come until then."""
    pages: frozenset[int]

    @property
    def place(self) -> tuple[int, int]:
        """Virtual time, instructions executed."""
        return self.snapshot.now_ns, self.snapshot.executed

    def size_bytes(self, before: Kept | None) -> int:
        """What it takes besides the pages that the one before it has, too."""
        own = self.pages if before is None else self.pages - before.pages
        return _REST_BYTES + PAGE_BYTES * len(own)


class History:
    """Keeps snapshots of a recorded run, the closer the later, and goes back by them.

    While the past is run again, those of `told` hear nothing.
    """

    def __init__(self, board: Board, state: StateTree, recorder: Recorder, told: Sequence[Mutable]) -> None:
        self.next_look_ns: int | None = None
        self._board = board
        self._state = state
        self._recorder = recorder
        self._told = told
        self._every_ns = EVERY_NS
        self._limit_bytes = LIMIT_BYTES
        self._kept: list[Kept] = []
        self._size_bytes = 0
        self._heard = (0, 0)  # what users have been told: virtual time, instructions
        self._goal: int | None = None  # the instruction that is gone to

    def keep(self, every_ns: int, limit_bytes: int) -> None:
        """Take a snapshot so often from now on, and keep as many as fit, at least two."""
        self._every_ns, self._limit_bytes = every_ns, limit_bytes
        self._kept = []
        self._size_bytes = 0
        self.next_look_ns = self._board.clock.now_ns + every_ns

    def forget(self) -> None:
        """The recording begins anew: what came before cannot be gone to."""
        self._kept = []
        self._size_bytes = 0
        self._heard = (0, 0)
        if self.next_look_ns is not None:
            self.next_look_ns = self._board.clock.now_ns + self._every_ns

    @property
    def size_bytes(self) -> int:
        """What the snapshots take."""
        before = (None, *self._kept[:-1])
        return sum(kept.size_bytes(last) for kept, last in zip(self._kept, before, strict=False))

    def look(self) -> None:
        """Behind a run of the core: take the snapshot that is due, if any."""
        if self._goal is not None:
            self._look_near(self._goal)
        now_ns = self._board.clock.now_ns
        if self.next_look_ns is None or now_ns < self.next_look_ns or not self._board.core.is_at_check_point:
            return
        self.drop_other_futures()
        if not self._kept or self._kept[-1].snapshot.now_ns < now_ns:
            self.keep_here()
        self.next_look_ns = self._kept[-1].snapshot.now_ns + self._every_ns

    def _look_near(self, goal: int) -> None:
        now_ns, executed = self.place
        if goal - NEAR <= executed < goal:
            number = bisect_right(self._kept, (now_ns, executed), key=_place)
            if not number or executed - self._kept[number - 1].snapshot.executed >= _NEAR_EVERY:
                self.keep_here()

    def here(self) -> Kept:
        """The present place, to be restored."""
        with self.muted() if self.is_in_past else nullcontext():  # UARTs tell of what they have sent by then
            snapshot = self._state.save()
        return Kept(snapshot, self._recorder.inputs.position, snapshot.pages())

    def keep_here(self) -> None:
        """Take a snapshot."""
        kept = self.here()
        number = bisect_left(self._kept, kept.place, key=_place)
        if number < len(self._kept) and self._kept[number].place == kept.place:
            return
        self._size_bytes -= self._size_at(number)
        self._kept.insert(number, kept)
        self._size_bytes += self._size_at(number) + self._size_at(number + 1)
        self._thin_out(max(self._heard[0], self._kept[-1].snapshot.now_ns))

    def _size_at(self, number: int) -> int:
        """What a snapshot takes that the one before has not; 0 behind the last."""
        if number >= len(self._kept):
            return 0
        return self._kept[number].size_bytes(self._kept[number - 1] if number else None)

    # ---- going -------------------------------------------------------------------------------------

    @property
    def place(self) -> tuple[int, int]:
        """Where the machine is: virtual time, instructions executed."""
        return self._board.clock.now_ns, self._board.core.engine.executed

    @property
    def heard_ns(self) -> int:
        """Until when users have been told of what happened."""
        return self._heard[0]

    @property
    def is_in_past(self) -> bool:
        """Whether the machine is before that."""
        return self.place < self._heard

    def note_heard(self) -> None:
        """All until here has been told."""
        self._heard = max(self._heard, self.place)

    def beginning(self) -> Kept:
        """The first place of the recording; MachineError if there is none."""
        if self._recorder.beginning is None:
            raise MachineError("go_to: nothing is recorded: call record() or keep_history() first")
        return Kept(self._recorder.beginning, 0, frozenset())

    def places_before(self, executed: int) -> list[Kept]:
        """What can be restored of the time before that instruction, the latest place first."""
        places = [*reversed(self._kept), self.beginning()]
        return [kept for kept in places if kept.snapshot.executed < executed]

    def reach(self, executed: int, control: RunControl) -> None:
        """Be right behind so many instructions of the known past, with snapshots close before."""
        for steps in (NEAR, STEPPED_AT_MOST):
            self.restore(self._before(RunLimits(None, executed)))
            self._goal = executed
            try:
                with self.muted():
                    self._run(RunLimits(None, executed, steps_at_most=steps), control)
                return
            except MachineError:
                if steps == STEPPED_AT_MOST:
                    raise
            finally:
                self._goal = None

    def go_to(self, limits: RunLimits, control: RunControl) -> None:
        """Be at the first check point of that time, or behind exactly so many instructions.

        Users hear nothing of what they have heard before. MachineError for what was before the recording.
        """
        self.drop_other_futures()
        self._heard = max(self._heard, self.place)
        if self._is_there(limits):
            self.restore(self._before(limits))
        time_ns, executed = limits.time_ns, limits.executed
        is_known = (time_ns or 0) <= self._heard[0] and (executed or 0) <= self._heard[1]
        with self.muted():
            self._run(limits if is_known else RunLimits(self._heard[0]), control)
        self._run(limits, control)

    def _run(self, limits: RunLimits, control: RunControl) -> None:
        while not self._is_there(limits):
            place = self.place
            result = control.run(limits)
            if self.place == place:
                raise MachineError(f"go_to: it goes no further: {result}")

    def _is_there(self, limits: RunLimits) -> bool:
        """Whether it is at the place, or behind it."""
        now_ns, executed = self.place
        has_come = limits.time_ns is not None and now_ns >= limits.time_ns
        return has_come or (limits.executed is not None and executed >= limits.executed)

    def _before(self, limits: RunLimits) -> Kept:
        """The latest place kept that is before another."""
        beginning = self.beginning()
        for kept in (*reversed(self._kept), beginning):
            one = kept.snapshot
            is_first = kept is beginning
            time_ns = one.now_ns if limits.time_ns is None else limits.time_ns
            executed = one.executed if limits.executed is None else limits.executed
            if (one.now_ns, one.executed) == (time_ns, executed) and is_first:
                return kept
            if one.now_ns < time_ns or one.executed < executed:
                return kept
        raise MachineError(f"go_to: the recording begins later: {beginning.snapshot}")

    def restore(self, kept: Kept) -> None:
        """Be at a place again."""
        self._state.restore(kept.snapshot)
        self._recorder.go_back(kept.inputs)
        if self.next_look_ns is not None:
            self.next_look_ns = kept.snapshot.now_ns + self._every_ns

    def drop_other_futures(self) -> bool:
        """Forget what was kept of a future that did not come, as something else came in; whether users had
        been told of it.
        """
        branched_ns = self._recorder.inputs.take_branch_ns()
        if branched_ns is None:
            return False
        self._kept = [kept for kept in self._kept if kept.snapshot.now_ns <= branched_ns]
        self._size_bytes = self.size_bytes
        was_in_past = self.is_in_past
        self._heard = min(self._heard, self.place)
        return was_in_past

    def _thin_out(self, now_ns: int) -> None:
        """Drop what is closest to its neighbours for its age, until the rest fits."""
        while len(self._kept) > 2 and self._size_bytes > self._limit_bytes:
            times = [kept.snapshot.now_ns for kept in self._kept]
            gaps = [
                (times[n + 1] - times[n - 1]) / max(now_ns - times[n], 1) for n in range(1, len(times) - 1)
            ]
            number = 1 + gaps.index(min(gaps))
            self._size_bytes -= self._size_at(number) + self._size_at(number + 1)
            del self._kept[number]
            self._size_bytes += self._size_at(number)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Let users hear nothing."""
        before = [each.is_muted for each in self._told]
        for each in self._told:
            each.is_muted = True
        try:
            yield
        finally:
            for each, was_muted in zip(self._told, before, strict=True):
                each.is_muted = was_muted


def _place(kept: Kept) -> tuple[int, int]:
    return kept.place
