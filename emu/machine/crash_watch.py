"""Notices crashes, and decides when a run ends for one."""

from __future__ import annotations

from typing import Any

from emu.cpu.core import ExceptionEvent
from emu.engine.registers import CpuRegisters
from emu.inspect.back_trace import BackTrace
from emu.inspect.free_rtos import find_tasks
from emu.inspect.recent_branches import recent_branches
from emu.isa.state import LINK
from emu.machine.board import Board
from emu.machine.grace import MOST_FAILURES, Grace
from emu.machine.program_views import ProgramViews
from emu.report.calls import TakenBranch
from emu.report.crash import FATAL, CrashKind, CrashReport
from peripherals.framework.observers import Observers

IMMINENT_NS = 80_000
"""A reset so near is the end of a reboot, whatever happens until then: it comes before the firmware could
print a character of a crash. The SDK's reboot (wm_ota_ops_reboot, wm_system_reboot) arms the watchdog for two
times 6.4 us and returns; what its caller does until the reset does not matter to anybody."""

CALL_BYTES = 2
"""Of the shortest call: so far before the return address one is still in it."""


class CrashWatch:
    """Reports a fatal exception to `observers`; after it the firmware has `grace_ns` to print why.

    With `grace_ns` None crashes are reported, and the run goes on. An exception just before a reset is no
    crash.
    """

    def __init__(self, board: Board, views: ProgramViews, grace_ns: int | None) -> None:
        self.observers = Observers[[CrashReport]]()
        self.report: CrashReport | None = None
        """The crash that ends the present run."""
        self._grace: Grace | None = None
        self._repeated = 0  # failures in a row at the same place of a handler
        self._failed_at: tuple[int, int] | None = None
        self._board = board
        self._views = views
        self._core = board.core
        self._clock = board.clock
        self._watchdog = board.soc.watchdog
        self.grace_ns = grace_ns
        """Of the crashes to come."""
        self._core.fault_observers.append(self._failed)

    @property
    def next_look_ns(self) -> int | None:
        """When to ask whether the grace of a crash is over."""
        return None if self._grace is None else self._grace.next_look_ns

    def is_over(self) -> bool:
        """Whether a crash ends the run now."""
        return self._grace is not None and self._grace.is_over()

    def take_report(self) -> CrashReport | None:
        """Give the crash that ends the present run, and forget it."""
        report, self.report, self._grace = self.report, None, None
        return report

    def crash(self, kind: CrashKind) -> CrashReport:
        """Report something other than an exception; returns the crash that ends the run."""
        report = self._tell(kind, None, None)
        return self.report or report

    def save(self) -> dict[str, Any]:
        """Take a snapshot, between runs; the recent branches are a part of the reports to come."""
        flow = self._core.engine.flow
        return {
            "report": self.report,
            "grace": None if self._grace is None else self._grace.save(),
            "repeated": self._repeated,
            "failed_at": self._failed_at,
            "flow": None if flow is None else flow.save(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; nobody is told."""
        self.report, self._grace = snapshot["report"], None
        if snapshot["grace"] is not None:
            self._grace = Grace(self._board, self._views, 0)
            self._grace.restore(snapshot["grace"])
        self._repeated, self._failed_at = snapshot["repeated"], snapshot["failed_at"]
        if self._core.engine.flow is not None:
            self._core.engine.flow.restore(snapshot["flow"])

    def _failed(self, event: ExceptionEvent) -> None:
        if event.vector not in FATAL or self._reset_is_imminent():
            return
        if self._grace is not None:  # a handler that fails as well has nothing to add
            if self._grace.failed():
                self._core.stop()  # so that the run is planned anew, with this end
        elif not self._is_repeated(event):
            report = self._tell(FATAL[event.vector], event.vector, event.address)
            if self.grace_ns is not None:
                self.report = report
                self._grace = Grace(self._board, self._views, self.grace_ns)
                self._core.stop()

    def _is_repeated(self, event: ExceptionEvent) -> bool:
        """Whether a handler fails where it did before, once more than is worth telling."""
        before, self._failed_at = self._failed_at, (event.vector, event.pc)
        is_same = self._failed_at == before and bool(self._core.active_handlers)
        self._repeated = self._repeated + 1 if is_same else 0
        return self._repeated >= MOST_FAILURES

    def recent_branches(self) -> tuple[TakenBranch, ...]:
        """The branches taken last, the latest last; none without the option of this name."""
        flow = self._core.engine.flow
        if flow is None:
            return ()
        return recent_branches(self._views.now(), flow.latest(), self._core.state.pc)

    def _reset_is_imminent(self) -> bool:
        reset_in_ns = self._watchdog.reset_in_ns
        return reset_in_ns is not None and reset_in_ns <= IMMINENT_NS

    def _tell(self, kind: CrashKind, vector: int | None, address: int | None) -> CrashReport:
        state, view = self._core.state, self._views.now()
        pc, link = state.pc, state.r[LINK]
        handlers = self._core.active_handlers
        tasks = find_tasks(view, state, is_interrupted=bool(handlers))
        calls = tasks.running.frames if tasks.running else ()
        report = CrashReport(
            kind=kind,
            time_ns=self._clock.now_ns,
            pc=pc,
            location=view.describe(pc),
            line=view.line(pc),
            address=address,
            vector=vector,
            caller=view.describe(link),
            caller_line=view.line(link - CALL_BYTES),
            registers=dict(CpuRegisters(state)),
            code=tuple(view.listing(pc)),
            back_trace=calls or BackTrace(view).find(pc, dict(enumerate(state.r))),
            branches=self.recent_branches(),
            handlers=handlers,
            tasks=tasks,
        )
        self.observers(report)
        return report
