"""Going back: snapshots on the way, and the way again from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from emu.history.snapshot import Snapshot
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.recorder import Recorder
from emu.machine.run_control import RunControl, RunLimits
from emu.machine.state_tree import StateTree
from peripherals.framework.page_copies import PAGE_BYTES

EVERY_NS: Final = 200_000_000
LIMIT_BYTES: Final = 64 << 20
_REST_BYTES: Final = 80_000
"""What a snapshot takes besides its pages of memory (measured)."""


class Mutable(Protocol):
    """What tells users of what happens."""

    is_muted: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    snapshot: Snapshot
    inputs: int
    """How many had come until then."""
    pages: frozenset[int]

    def size_bytes(self, before: _Kept | None) -> int:
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
        self._kept: list[_Kept] = []
        self._size_bytes = 0
        self._heard = (0, 0)  # what users have been told: virtual time, instructions

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
        now_ns = self._board.clock.now_ns
        if self.next_look_ns is None or now_ns < self.next_look_ns or not self._board.core.is_at_check_point:
            return
        self._drop_other_futures()
        if not self._kept or self._kept[-1].snapshot.now_ns < now_ns:
            snapshot = self._state.save()
            kept = _Kept(snapshot, self._recorder.inputs.position, snapshot.pages())
            self._size_bytes += kept.size_bytes(self._kept[-1] if self._kept else None)
            self._kept.append(kept)
            self._thin_out(now_ns)
        self.next_look_ns = self._kept[-1].snapshot.now_ns + self._every_ns

    def go_to(self, limits: RunLimits, control: RunControl) -> None:
        """Be at the first check point of that time, or behind exactly so many instructions.

        Users hear nothing of what they have heard before. MachineError for what was before the recording.
        """
        self._drop_other_futures()
        self._heard = max(self._heard, self._place)
        if self._is_there(limits):
            self._restore(self._before(limits))
        time_ns, executed = limits.time_ns, limits.executed
        is_known = (time_ns or 0) <= self._heard[0] and (executed or 0) <= self._heard[1]
        with self._muted():
            self._run(limits if is_known else RunLimits(self._heard[0]), control)
        self._run(limits, control)

    def _run(self, limits: RunLimits, control: RunControl) -> None:
        while not self._is_there(limits):
            place = self._place
            result = control.run(limits)
            if self._place == place:
                raise MachineError(f"go_to: it goes no further: {result}")

    @property
    def _place(self) -> tuple[int, int]:
        return self._board.clock.now_ns, self._board.core.engine.executed

    def _is_there(self, limits: RunLimits) -> bool:
        """Whether it is at the place, or behind it."""
        now_ns, executed = self._place
        has_come = limits.time_ns is not None and now_ns >= limits.time_ns
        return has_come or (limits.executed is not None and executed >= limits.executed)

    def _before(self, limits: RunLimits) -> _Kept:
        """The latest place kept that is before another."""
        beginning = self._recorder.beginning
        if beginning is None:
            raise MachineError("go_to: nothing is recorded: call record() or keep_history() first")
        for kept in (*reversed(self._kept), _Kept(beginning, 0, frozenset())):
            one = kept.snapshot
            is_first = one is beginning
            time_ns = one.now_ns if limits.time_ns is None else limits.time_ns
            executed = one.executed if limits.executed is None else limits.executed
            if (one.now_ns, one.executed) == (time_ns, executed) and is_first:
                return kept
            if one.now_ns < time_ns or one.executed < executed:
                return kept
        raise MachineError(f"go_to: the recording begins later: {beginning}")

    def _restore(self, kept: _Kept) -> None:
        self._state.restore(kept.snapshot)
        self._recorder.go_back(kept.inputs)
        if self.next_look_ns is not None:
            self.next_look_ns = kept.snapshot.now_ns + self._every_ns

    def _drop_other_futures(self) -> None:
        """Forget what was kept of a future that did not come, as something else came in."""
        branched_ns = self._recorder.inputs.take_branch_ns()
        if branched_ns is not None:
            self._kept = [kept for kept in self._kept if kept.snapshot.now_ns <= branched_ns]
            self._size_bytes = self.size_bytes
            self._heard = min(self._heard, self._place)

    def _thin_out(self, now_ns: int) -> None:
        """Drop what is closest to its neighbours for its age, until the rest fits."""
        while len(self._kept) > 2 and self._size_bytes > self._limit_bytes:
            times = [kept.snapshot.now_ns for kept in self._kept]
            gaps = [(times[n + 1] - times[n - 1]) / (now_ns - times[n]) for n in range(1, len(times) - 1)]
            number = 1 + gaps.index(min(gaps))
            del self._kept[number]
            self._size_bytes = self.size_bytes

    @contextmanager
    def _muted(self) -> Iterator[None]:
        for each in self._told:
            each.is_muted = True
        try:
            yield
        finally:
            for each in self._told:
                each.is_muted = False
