"""Goes backwards in a recorded run: by an instruction, or to the latest place that somebody looks for.

Each way back is a generator: it yields from time to time, so that it can be given up, and returns what it has
found. While it is under way the machine is anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from emu.cpu.core import ExceptionEvent
from emu.machine.board import Board
from emu.machine.breakpoints import Breakpoints
from emu.machine.context import Context, Contexts
from emu.machine.errors import MachineError
from emu.machine.history import History
from emu.machine.power import Power
from emu.machine.run_control import RunControl, RunLimits
from emu.machine.watchpoints import Watchpoints
from emu.report.access import WatchedAccess
from emu.report.run_result import RunEnd, RunResult

TURN_NS: Final = 20_000_000
T = TypeVar("T")
Place = tuple[int, int]
"""Virtual time, instructions executed."""
Way = Generator[None, None, T]


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the past: the next instruction is at a breakpoint, or makes an access that is looked for."""

    now_ns: int
    executed: int
    pc: int
    access: WatchedAccess | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Virtual time, instructions executed."""
        return self.now_ns, self.executed


@dataclass(frozen=True, slots=True)
class Parts:
    """What it takes to go backwards."""

    board: Board
    control: RunControl
    history: History
    contexts: Contexts
    power: Power
    breakpoints: Breakpoints[Any]
    watchpoints: Watchpoints


class Backwards:
    """The ways back; `owner` is whose breakpoints and watchpoints count."""

    def __init__(self, parts: Parts, owner: str) -> None:
        self._board = parts.board
        self._control = parts.control
        self._history = parts.history
        self._contexts = parts.contexts
        self._power = parts.power
        self._listening = (parts.breakpoints, parts.watchpoints)
        self._owner = owner
        self.is_wanted: Callable[[], bool] = lambda: True
        """Asked at a breakpoint whether it counts."""

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Let only the owner hear of what comes again."""
        for each in self._listening:
            each.hears_all = self._owner
        try:
            with self._history.muted():
                yield
        finally:
            for each in self._listening:
                each.hears_all = ""

    def step(self, *, is_plain: bool = False) -> Way[bool]:
        """Be before the instruction executed last in this context; False at the beginning.

        What handlers of interrupts and other tasks have done meanwhile is passed over, unless it `is_plain`.
        """
        self._history.note_heard()
        context, executed = self._contexts.now(), self._history.place[1]
        while True:
            if not self._history.places_before(executed):
                return self._begin()
            self._history.reach(executed - 1, self._control)
            before = self._contexts.now()
            if is_plain or before == context or context.is_left_for(before):
                return True
            here = self._board.clock.now_ns, executed
            left = yield from self._latest(here, lambda end: self._left(context, end))
            if left is None:
                return self._begin()
            if left < 0:  # a reset: whatever was before it
                self._history.reach(-left - 1, self._control)
                return True
            executed = left

    def run(self) -> Way[Found | None]:
        """Be at the latest place before with a breakpoint, or an access to what is watched.

        None: there is none; then it is at the beginning.
        """
        self._history.note_heard()
        found = yield from self._latest(self._history.place, self._hit)
        if found is None:
            self._begin()
        else:
            self._arrive(found)
        return found

    def _arrive(self, found: Found) -> None:
        """Be at a place; an interrupt, or a reset, may lead there from behind the instruction before."""
        self._history.reach(found.executed, self._control)
        while found.access is None and self._board.core.state.pc != found.pc:
            with self.muted():
                result = self._control.run(RunLimits(found.now_ns + TURN_NS))
            if self._control.executed > found.executed:
                raise MachineError(f"reverse execution: {found} was missed: {result}")

    def _begin(self) -> bool:
        """Be at the first instruction of all; False, as there is none before."""
        self._history.restore(self._history.beginning())
        with self._history.muted():
            self._control.run(RunLimits(executed=self._control.executed))  # boots, if that was not over
        return False

    def _latest(self, here: Place, find: Callable[[Place], Way[T | None]]) -> Way[T | None]:
        """The last thing that `find` finds in the latest part of the past that has any.

        `find` goes on from the beginning of a part to a place.
        """
        end = here
        for kept in self._history.places_before(here[1]):
            self._history.restore(kept)
            if (found := (yield from find(end))) is not None:
                return found
            end = kept.place
        return None

    def _results(self, end_ns: int) -> Iterator[RunResult]:
        """Go on to the end of a part, and a little further."""
        is_over = False
        while not is_over:
            place = self._history.place
            with self.muted():
                result = self._control.run(RunLimits(min(end_ns, place[0] + TURN_NS)))
                yield result
            is_stuck = self._history.place == place and result.end not in (RunEnd.ADDRESS, RunEnd.WATCHPOINT)
            is_over = is_stuck or self._history.place[0] >= end_ns

    def _hit(self, end: Place) -> Way[Found | None]:
        last: Found | None = None
        for result in self._results(end[0]):
            found = self._found(result, end)
            if found is not None and found.place < end:
                last = found
            yield
        return last

    def _found(self, result: RunResult, end: Place) -> Found | None:
        now_ns, executed = self._history.place
        if result.end is RunEnd.ADDRESS and self.is_wanted():
            return Found(now_ns, executed, self._board.core.state.pc)
        if result.end is RunEnd.WATCHPOINT:
            access = result.accesses[0]
            before = min(executed, end[1] - 1) if access.is_dma else executed - 1
            return Found(now_ns, before, access.pc, access)
        return None

    def _left(self, context: Context, end_place: Place) -> Way[int | None]:
        """When this context was left for a handler; of a reset that came later the number, negated."""
        end_ns, end = end_place
        last: int | None = None

        def entered(_event: ExceptionEvent) -> None:
            nonlocal last
            if self._contexts.now() == context and self._control.executed < end:
                last = self._control.executed

        def reset(_cause: object) -> None:
            nonlocal last
            if self._control.executed < end:
                last = -self._control.executed

        observers = self._board.core.entry_observers, self._power.observers.internal
        for observer, told in zip((entered, reset), observers, strict=True):
            told.append(observer)  # type: ignore[attr-defined]
        try:
            for _ in self._results(end_ns):
                yield
        finally:
            for observer, told in zip((entered, reset), observers, strict=True):
                told.remove(observer)  # type: ignore[attr-defined]
        return last
