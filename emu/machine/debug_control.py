"""Lets a machine go on as a debugger wants it to."""

from __future__ import annotations

from emu.machine.machine import Machine
from emu.machine.run_control import RunLimits
from emu.report.run_result import RunEnd, RunResult


class DebugControl:
    """Runs and steps of at most some virtual time, with the breakpoints of one `owner`."""

    def __init__(self, machine: Machine, owner: str) -> None:
        self._machine = machine
        self._control = machine._control
        self._owner = owner
        self._breakpoints: frozenset[int] = frozenset()

    def boot(self) -> None:
        """Have the first instruction behind the boot code ahead, if that has not come yet."""
        self._control.run(RunLimits(self._machine.now_ns))

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """Replace the breakpoints."""
        for address in addresses - self._breakpoints:
            self._machine.add_breakpoint(address, self._owner)
        for address in self._breakpoints - addresses:
            self._machine.remove_breakpoint(address, self._owner)
        self._breakpoints = addresses

    def run(self, max_time_ns: int) -> RunResult:
        """Run; RunEnd.TIME_UP when nothing has happened so long."""
        return self._control.run(RunLimits(self._machine.now_ns + max_time_ns))

    def step(self, max_time_ns: int) -> RunResult:
        """Execute one instruction, breakpoint or not; RunEnd.TIME_UP if the CPU has slept so long."""
        executed, end_ns = self._machine.executed, self._machine.now_ns + max_time_ns
        limits = RunLimits(end_ns, executed + 1, is_stepped=True)
        result = self._control.run(limits)
        if result.end is RunEnd.ADDRESS and self._machine.executed == executed:
            result = self._control.run(limits)
        return result
