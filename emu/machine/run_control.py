"""Lets the machine run, and is the only one who decides when a run ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emu.cpu.core_stop import CoreStop
from emu.machine.board import Board
from emu.machine.breakpoints import Breakpoints
from emu.machine.crash_watch import CrashWatch
from emu.machine.errors import MachineError
from emu.machine.inputs import Inputs
from emu.machine.kept_error import KeptError
from emu.machine.power import Power
from emu.machine.resets import ResetWatch
from emu.machine.watchpoints import Watchpoints
from emu.report.crash import CrashKind
from emu.report.run_result import LastLook, RunEnd, RunResult
from emu.report.whereabouts import Whereabouts
from emu.signal_gate import SignalGate
from peripherals.flash_operation import PowerCut

STEPPED_AT_MOST = 8192
"""A run to an exact instruction makes so many single steps at its end: at full speed it ends at check points
only. No known firmware has so much code between two of them."""


class Looker(Protocol):
    """Who wants to look at the machine at a time."""

    @property
    def next_look_ns(self) -> int | None:
        """When, at the latest."""
        ...

    def look(self) -> None:
        """The core has come back: it may be that time, or not."""


@dataclass(frozen=True, slots=True)
class EndCauses:
    """What may end a run before its limits."""

    power: Power
    crashes: CrashWatch
    resets: ResetWatch
    breakpoints: Breakpoints[Any]
    watchpoints: Watchpoints
    errors: KeptError
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class RunLimits:
    """When a run ends at the latest; None: whenever. `executed` is met exactly."""

    time_ns: int | None = None
    executed: int | None = None
    is_stepped: bool = False
    """Whether it goes there step by step, whatever the distance."""
    steps_at_most: int | None = None
    """How many of these there are at the end of a run to an exact instruction; None: STEPPED_AT_MOST."""


class RunControl:
    """Runs, steps and stops. Whatever ends a run, another one goes on from there."""

    def __init__(
        self, board: Board, causes: EndCauses, look: Callable[[], Whereabouts], lookers: Sequence[Looker]
    ) -> None:
        self.gate = SignalGate(board.core.stop_soon)
        """Shut while the machine runs."""
        self._board = board
        self._core = board.core
        self._power = causes.power
        self._crashes = causes.crashes
        self._resets = causes.resets
        self._breakpoints = causes.breakpoints
        self._watchpoints = causes.watchpoints
        self._errors = causes.errors
        self._inputs = causes.inputs
        self.lookers = list(lookers)
        """Who wants to look at the machine when the core has come back."""
        self.runs = 0
        """How many were begun."""
        self._look = look
        self._last_look = LastLook(look)
        self._stop_requested = False
        self._owners: tuple[str, ...] = ()  # of the breakpoint that was reached

    @property
    def executed(self) -> int:
        """Instructions executed so far."""
        return self._core.engine.executed

    def run(self, limits: RunLimits) -> RunResult:
        """Run until something of RunEnd happens."""
        self.check_between_runs("run")
        self._inputs.let_in()
        if not self._power.is_on:
            raise MachineError("the power is off: call power_cycle() to start again")
        self.moved()
        self.runs += 1
        self._stop_requested = False
        with self.gate:
            end = self._run_until(limits)
        return self._result(end)

    def check_between_runs(self, what: str) -> None:
        """MachineError while the machine runs."""
        if self._errors.is_running:
            may = "hooks and listeners may call stop(), and let others go on"
            raise MachineError(f"{what}: it runs already: {may}")

    def stop(self) -> None:
        """Let the run under way come back as soon as possible."""
        self._stop_requested = True
        self._core.stop()

    def moved(self) -> None:
        """The machine goes on, or is changed: where it was cannot be found out any more."""
        self._last_look.miss()

    def check_may_go_back(self, what: str) -> None:
        """MachineError while a trace is written, which has one past only."""
        flow = self._board.core.engine.flow
        if flow is not None and flow.sink is not None:
            raise MachineError(f"{what}: a trace is being written: close it first")

    def _result(self, end: RunEnd) -> RunResult:
        time_ns = self._board.clock.now_ns
        if end is RunEnd.CRASH:
            return RunResult(end, time_ns, crash=self._crashes.take_report())
        if end is RunEnd.RESET:
            return RunResult(end, time_ns, reset=self._resets.latest)
        self._last_look = LastLook(self._look)
        owners = self._owners if end is RunEnd.ADDRESS else ()
        return RunResult(
            end,
            time_ns,
            reason=self._power.refusal or "",
            owners=owners,
            accesses=self._watchpoints.take_hits(),
            last_look=self._last_look,
        )

    def _run_until(self, limits: RunLimits) -> RunEnd:
        self._errors.is_running = True
        try:
            end = None
            while end is None:
                self.gate.let_through()
                try:
                    end = self._advance(limits)
                    self._errors.raise_kept()
                except PowerCut:
                    self._power.is_on = False
                    end = RunEnd.POWER_CUT
            return end
        finally:
            self._errors.is_running = False

    def _advance(self, limits: RunLimits) -> RunEnd | None:
        """Boot if need be, run the CPU once, and see what came of it; None: go on."""
        if self._power.requested is not None and (end := self._reset_itself()):
            return end
        self._inputs.let_in()
        if self._power.is_booting:
            return self._boot(limits)
        if limits.executed is not None and self.executed >= limits.executed:
            return self._stepped(limits.executed, limits.steps_at_most or STEPPED_AT_MOST)
        limit_ns = self._limit_ns(limits)
        end = self._after(self._run_core(limit_ns, limits), limit_ns, limits)
        if end in (None, RunEnd.TIME_UP, RunEnd.STOPPED) and self._watchpoints.has_hits:
            return RunEnd.WATCHPOINT
        return end

    def _boot(self, limits: RunLimits) -> RunEnd | None:
        if self._power.refusal is not None and not self._power.waits_for_download:
            return RunEnd.DOWNLOAD
        self._inputs.is_core_running = True
        try:
            self._power.boot_on(self._limit_ns(limits))
        finally:
            self._inputs.is_core_running = False
            for looker in self.lookers:
                looker.look()
        if self._core.take_stop():
            return self._stopped()
        return self._limit_reached(limits)

    def _limit_ns(self, limits: RunLimits) -> int | None:
        """When the core has to come back at the latest."""
        coming = self._inputs.next
        coming_ns = None if coming is None else coming.now_ns
        looks = (looker.next_look_ns for looker in self.lookers)
        times = limits.time_ns, self._crashes.next_look_ns, coming_ns, *looks
        return min((time_ns for time_ns in times if time_ns is not None), default=None)

    def _after(self, stop: CoreStop, limit_ns: int | None, limits: RunLimits) -> RunEnd | None:
        match stop:
            case CoreStop.LIMIT:
                return self._limit_reached(limits)
            case CoreStop.STEPPED:
                return None
            case CoreStop.STOPPED | CoreStop.WATCHED:
                return self._stopped()
            case CoreStop.BREAKPOINT:
                return self._reached(self._core.state.pc)
            case CoreStop.SLEEPING if limit_ns is not None:
                self._board.clock.idle_until(limit_ns)
                return None
            case CoreStop.SLEEPING:
                return self._crash(CrashKind.SLEEPS_FOREVER)
        return self._crash(CrashKind.LOCKED_UP)

    def _limit_reached(self, limits: RunLimits) -> RunEnd | None:
        """It may have been the time of an input, or a place near enough to the wanted instruction."""
        now_ns, look_ns = self._board.clock.now_ns, self._crashes.next_look_ns
        if look_ns is not None and now_ns >= look_ns and self._crashes.is_over():
            return RunEnd.CRASH
        return RunEnd.TIME_UP if limits.time_ns is not None and now_ns >= limits.time_ns else None

    def _run_core(self, limit_ns: int | None, limits: RunLimits) -> CoreStop:
        self._watchpoints.apply()
        self._inputs.is_core_running = True
        try:
            return self._run_core_to(limit_ns, self._instruction(limits), limits)
        finally:
            self._inputs.is_core_running = False
            for looker in self.lookers:
                looker.look()

    def _instruction(self, limits: RunLimits) -> int | None:
        """How many instructions shall have been executed when the core comes back, exactly."""
        coming = self._inputs.next
        if coming is None or coming.at_check_point:
            return limits.executed
        return coming.executed if limits.executed is None else min(coming.executed, limits.executed)

    def _run_core_to(self, limit_ns: int | None, executed: int | None, limits: RunLimits) -> CoreStop:
        if executed is None:
            return self._core.run(limit_ns)
        left, most = executed - self.executed, limits.steps_at_most or STEPPED_AT_MOST
        if left <= most or limits.is_stepped:
            return self._core.step(limit_ns)
        near = self._core.engine.elapsed + left - most  # every instruction costs at least 1
        return self._core.run(limit_ns, until_elapsed=near)

    def _stepped(self, executed: int, steps_at_most: int) -> RunEnd:
        if self.executed > executed:
            raise MachineError(
                f"instruction {executed} is among more than {steps_at_most} without a backward or computed "
                f"branch: the run has gone on to {self.executed}; `step` gets there"
            )
        return RunEnd.STEPPED

    def _reset_itself(self) -> RunEnd | None:
        assert self._power.requested is not None
        cause = self._power.requested
        is_too_much = self._resets.note(cause)
        self.moved()
        self._power.reset(cause)
        if is_too_much:
            return RunEnd.RESET
        return RunEnd.STOPPED if self._stop_requested else None

    def _stopped(self) -> RunEnd | None:
        if self._crashes.report is not None and self._power.requested is not None:
            return RunEnd.CRASH  # the firmware's own handler has had its say and resets the chip
        return RunEnd.STOPPED if self._stop_requested else None

    def _reached(self, pc: int) -> RunEnd | None:
        self._owners = self._breakpoints.reached(pc)
        if self._power.is_booting:
            return None
        if self._owners:
            return RunEnd.ADDRESS
        return RunEnd.STOPPED if self._stop_requested else None

    def _crash(self, kind: CrashKind) -> RunEnd:
        self._crashes.report = self._crashes.crash(kind)
        return RunEnd.CRASH
