"""Lets a machine go on, and back, as a debugger wants it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from emu.inspect.range_exits import range_exits
from emu.isa.state import SP
from emu.machine.backwards import Backwards, Found, Parts, Way
from emu.machine.context import Context, Contexts, Here
from emu.machine.machine import Machine
from emu.machine.run_control import RunLimits
from emu.report.run_result import RunEnd, RunResult

HISTORY_EVERY_S: Final = 1.0
HISTORY_BYTES: Final = 256 << 20


class DebugControl:
    """Runs and steps of at most some virtual time, with the breakpoints of one `owner`, and ways back.

    The machine boots if it has not yet, and is recorded from now on, unless it is already. In the known past
    only the owner hears of what comes again.
    """

    def __init__(self, machine: Machine, owner: str) -> None:
        self._machine = machine
        self._control = machine._control
        self._history = machine._history
        self._owner = owner
        self._breakpoints: frozenset[int] = frozenset()
        self._fault: int | None = None
        self.end_ns: int | None = None
        """When a recording ends that comes again; None: there is none, or it has ended."""
        self.on_new_future: Callable[[], None] = lambda: None
        """Called when something comes in in the past: what was known to follow is forgotten."""
        if machine._crashes.grace_ns is not None:
            machine._crashes.grace_ns = 0  # who wants to see the handler goes on into it
        self.boot()
        if self._history.next_look_ns is None:
            machine.keep_history(HISTORY_EVERY_S, HISTORY_BYTES)
        self._contexts = Contexts(machine.board, machine._views)
        listening = machine._breakpoints, machine._watchpoints
        parts = Parts(machine.board, self._control, self._history, self._contexts, machine._power, *listening)
        self._backwards = Backwards(parts, owner)
        self.is_wanted: Callable[[], bool] = lambda: True
        """Asked at a breakpoint whether it counts."""
        self._backwards.is_wanted = lambda: self.is_wanted()

    def boot(self) -> None:
        """Have the first instruction behind the boot code ahead, if that has not come yet."""
        self._control.run(RunLimits(executed=self._machine.executed))

    @property
    def heard_ns(self) -> int:
        """Until when the run is known."""
        return max(self._history.heard_ns, self._machine.now_ns)

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """Replace the breakpoints."""
        for address in addresses - self._breakpoints:
            self._machine.add_breakpoint(address, self._owner)
        for address in self._breakpoints - addresses:
            self._machine.remove_breakpoint(address, self._owner)
        self._breakpoints = addresses

    @property
    def context(self) -> Context:
        """What the next instruction belongs to."""
        return self._contexts.now()

    def here(self) -> Here:
        """Where code that is interrupted now goes on."""
        registers = self._machine.registers
        return Here(registers["pc"], registers["sp"], self.context)

    def home_of(self, control_block: int) -> Here | None:
        """Where a task that does not run goes on; None if that is not known."""
        saved = self._machine.task_context(control_block)
        return None if saved is None else Here(saved.pc, saved.r[SP], Context((), control_block))

    def keep_here(self) -> None:
        """Take a snapshot for ways back to come."""
        self._history.keep_here()

    # ---- forwards ----------------------------------------------------------------------------------

    def run(self, max_time_ns: int) -> RunResult:
        """Run; RunEnd.TIME_UP when nothing has happened so long."""
        end_ns = self._machine.now_ns + max_time_ns
        limits = RunLimits(end_ns if self.end_ns is None else min(end_ns, self.end_ns))
        while True:
            result = self._run(limits)
            if result.end is not RunEnd.ADDRESS or self.is_wanted():
                return result

    def has_come_to_end(self) -> bool:
        """Whether the end of the recording has just come."""
        has_come = self.end_ns is not None and self._machine.now_ns >= self.end_ns
        if has_come:
            self.end_ns = None
        return has_come

    def step(self, max_time_ns: int) -> RunResult:
        """Execute one instruction, breakpoint or not; RunEnd.TIME_UP if the CPU has slept so long."""
        executed, end_ns = self._machine.executed, self._machine.now_ns + max_time_ns
        limits = RunLimits(end_ns, executed + 1, is_stepped=True)
        result = self._run(limits)
        if result.end is RunEnd.ADDRESS and self._machine.executed == executed:
            result = self._run(limits)
        return result

    def run_home(self, home: Here, max_time_ns: int) -> RunResult:
        """Run until code goes on that was interrupted; RunEnd.STEPPED then."""
        return self._run_to(frozenset((home.pc,)), lambda: self.here() == home, max_time_ns)

    def run_out_of(self, code: range, context: Context, max_time_ns: int) -> RunResult:
        """Run until this context leaves a range of code, or may do so; RunEnd.STEPPED then."""
        exits = range_exits(self._machine._views.now(), code)
        return self._run_to(exits, lambda: self.context == context, max_time_ns)

    def _run_to(
        self, addresses: frozenset[int], has_arrived: Callable[[], bool], max_time_ns: int
    ) -> RunResult:
        """Run until an instruction at one of these is the next one, if it is the right time."""
        end_ns = self._machine.now_ns + max_time_ns
        users, own = self._breakpoints, addresses - self._breakpoints
        self.set_breakpoints(users | own)
        try:
            while True:
                result = self._run(RunLimits(end_ns))
                pc = self._machine.registers["pc"]
                if result.end is RunEnd.ADDRESS and pc in addresses and has_arrived():
                    return replace(result, end=RunEnd.STEPPED)
                is_unwanted = pc in own or (pc in users and not self.is_wanted())
                if result.end is not RunEnd.ADDRESS or not is_unwanted:
                    return result
        finally:
            self.set_breakpoints(users)

    def _run(self, limits: RunLimits) -> RunResult:
        """Run; a crash ends it before the instruction that fails, the first time."""
        result = self._run_unheard(limits)
        if result.crash is None or result.crash.vector is None:
            return result
        if self._fault == self._machine.executed:  # told already: let the handler have it
            return self._run_unheard(limits)
        self._fault = self._machine.executed
        self._history.note_heard()
        self._history.reach(self._fault, self._control)
        if self._machine.registers["pc"] != result.crash.pc:  # it is the first instruction of a handler
            self._run_unheard(limits)
        return result

    def _run_unheard(self, limits: RunLimits) -> RunResult:
        """Run; who has heard of what comes does not hear of it again."""
        if self._history.drop_other_futures():
            self.on_new_future()
        if not self._history.is_in_past or limits.time_ns is None:
            return self._control.run(limits)
        end_ns = min(limits.time_ns, self._history.heard_ns)
        with self._backwards.muted():
            result = self._control.run(RunLimits(end_ns, limits.executed, is_stepped=limits.is_stepped))
            if self._machine.now_ns >= self._history.heard_ns:
                self._history.here()  # UARTs tell of what they have sent by now
        return result

    # ---- backwards ---------------------------------------------------------------------------------

    def step_back(self, *, is_plain: bool) -> Way[bool]:
        """See `Backwards.step`; given up, it is where it was."""
        return self._from_here(self._backwards.step(is_plain=is_plain))

    def run_back(self) -> Way[Found | None]:
        """See `Backwards.run`; given up, it is where it was."""
        return self._from_here(self._backwards.run())

    def _from_here(self, way: Way[Any]) -> Way[Any]:
        self._control.check_may_go_back("reverse execution")
        if self._history.drop_other_futures():
            self.on_new_future()
        self._fault = None
        here = self._history.here()
        is_there = False
        try:
            found = yield from way
            is_there = True
            return found
        finally:
            if not is_there:
                self._history.restore(here)
