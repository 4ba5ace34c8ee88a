"""One run of a machine on the command line: UARTs on the host, conditions for the end, signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from emu.cli.ending_signals import exit_code_of_signal, name_of
from emu.cli.exit_code import ExitCode
from emu.cli.input_end import InputEnd
from emu.cli.script_runner import ScriptRunner
from emu.cli.text_watch import TextWatch
from emu.host.loop import SLICE_NS, Attendant, HostLoop
from emu.host.uart_bridge import UartBridge
from emu.machine import CrashReport, Machine, RunEnd, RunResult


@dataclass(frozen=True, slots=True)
class Ending:
    """How the session ended: the exit code, and a line for stderr if there is something to say."""

    code: int
    message: str = ""
    crash: CrashReport | None = None
    found: tuple[tuple[str, int], ...] = ()
    """The texts that were waited for and have come, and when, in nanoseconds."""
    missing: tuple[str, ...] = ()
    """Those that have not."""

    def failed(self) -> Ending:
        """The same, though something that belongs to it was not possible: no success."""
        return replace(self, code=self.code or ExitCode.FAILURE)


class Session:
    """Runs a machine, with what is connected to its UARTs, until something decides."""

    def __init__(
        self,
        machine: Machine,
        bridges: Sequence[UartBridge],
        watch: TextWatch,
        attendants: Sequence[Attendant] = (),
        script: ScriptRunner | None = None,
        input_end: InputEnd | None = None,
    ) -> None:
        """`script` lets the machine run; None: nobody stands in between."""
        self.watch = watch
        self._machine = machine
        self._bridges = bridges
        self._script = script
        self._input_end = input_end
        self._found: list[tuple[str, int]] = []
        all_attendants = [*bridges, *attendants, *([] if input_end is None else [input_end])]
        self._loop = HostLoop(script or machine, all_attendants)
        self.quit = self._loop.quit
        if input_end is not None:
            input_end.quit = self.quit
        if script is not None:
            script.is_decided = lambda: watch.verdict is not None
        for uart in watch.uarts:
            machine.uarts[uart].listeners.append(partial(self._watch_byte, uart))

    def run(self, max_time_ns: int | None) -> Ending:
        """Run at full speed until the watch decides, the firmware crashes or the time is up."""
        return self._ended(lambda: self._loop.run(max_time_ns))

    def run_live(
        self, max_time_ns: int | None, is_paced: Callable[[], bool], slice_ns: int | None = SLICE_NS
    ) -> Ending:
        """Like `run`, taking input from the back ends; see `HostLoop.run_live`."""
        return self._ended(lambda: self._loop.run_live(max_time_ns, is_paced, slice_ns))

    def _ended(self, run: Callable[[], RunResult]) -> Ending:
        try:
            ending = self._ending(run())
        except KeyboardInterrupt as interruption:
            ending = self._interrupted(interruption)
        if self._script is not None and self._script.owed and ending.code == ExitCode.SUCCESS:
            ending = Ending(ExitCode.FAILURE, f"error: {self._script.owed}")
        missing = tuple(each.text for each in self.watch.missing)
        return replace(ending, found=tuple(self._found), missing=missing)

    def _watch_byte(self, uart: int, time_ns: int, byte: int) -> None:
        missing = self.watch.missing
        self.watch.feed(bytes((byte,)), uart)
        if len(self.watch.missing) < len(missing):
            self._found += [(each.text, time_ns) for each in missing if each not in self.watch.missing]
        if self.watch.verdict is not None:
            self._machine.stop()

    def _interrupted(self, interruption: KeyboardInterrupt) -> Ending:
        for bridge in self._bridges:
            bridge.flush()
        after = f"after {self._machine.now_ns / 1e9:.3f} s; {self._machine.whereabouts()}"
        return Ending(exit_code_of_signal(interruption), f"{name_of(interruption)} {after}")

    def _ending(self, result: RunResult) -> Ending:
        after = f"after {result.time_ns / 1e9:.3f} s"
        if (bad := self.watch.seen_forbidden) is not None:
            return Ending(ExitCode.FAILURE, f"error: {bad} appeared on uart{bad.uart} {after}")
        if self._script is not None and self._script.failure:
            return Ending(ExitCode.FAILURE, f"error: {self._script.failure} ({after})")
        missing = "".join(f"; {text} has not appeared" for text in self.watch.missing)
        if self._script is not None and self._script.waits_for:
            missing += f"; the script waits for {self._script.waits_for}"
        if self._input_end is not None and self._input_end.has_come and missing:
            return Ending(ExitCode.FAILURE, f"error: standard input has ended {after}{missing}")
        if self._loop.has_quit or self.watch.verdict is ExitCode.SUCCESS:
            return Ending(ExitCode.SUCCESS)
        if result.crash is not None:
            return Ending(ExitCode.FAILURE, f"error: {result.crash.details}", crash=result.crash)
        if self._script is not None and self._script.has_ended_run:
            return Ending(ExitCode.SUCCESS)
        resets = self._machine.last_reset
        if resets is not None and resets.is_boot_loop:
            missing += f"; in a boot loop, {resets.number} resets so far"
        if result.end is RunEnd.TIME_UP:
            where = f"; {result.whereabouts}" if result.whereabouts else ""
            return Ending(ExitCode.TIME_UP, f"error: the virtual time is up {after}{missing}{where}")
        return Ending(ExitCode.FAILURE, f"error: {result}")
