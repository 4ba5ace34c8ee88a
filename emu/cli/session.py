"""One run of a machine on the command line: UARTs on the host, conditions for the end, signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from emu.cli.ending_signals import exit_code_of_signal, name_of
from emu.cli.exit_code import ExitCode
from emu.cli.text_watch import TextWatch
from emu.host.loop import SLICE_NS, Attendant, HostLoop, Runnable
from emu.host.uart_bridge import UartBridge
from emu.machine import Machine, RunEnd, RunResult


@dataclass(frozen=True, slots=True)
class Ending:
    """How the session ended: the exit code, and a line for stderr if there is something to say."""

    code: int
    message: str = ""

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
        runnable: Runnable | None = None,
    ) -> None:
        """`runnable` lets the machine run; None: nobody stands in between."""
        self.watch = watch
        self._machine = machine
        self._bridges = bridges
        self._loop = HostLoop(runnable or machine, [*bridges, *attendants])
        self.quit = self._loop.quit
        machine.uart0.listeners.append(self._watch_byte)

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
            return self._ending(run())
        except KeyboardInterrupt as interruption:
            return self._interrupted(interruption)

    def _watch_byte(self, _time_ns: int, byte: int) -> None:
        self.watch.feed(bytes((byte,)))
        if self.watch.verdict is not None:
            self._machine.stop()

    def _interrupted(self, interruption: KeyboardInterrupt) -> Ending:
        for bridge in self._bridges:
            bridge.flush()
        after = f"after {self._machine.now_ns / 1e9:.3f} s; {self._machine.whereabouts()}"
        return Ending(exit_code_of_signal(interruption), f"{name_of(interruption)} {after}")

    def _ending(self, result: RunResult) -> Ending:
        after = f"after {result.time_ns / 1e9:.3f} s"
        if self.watch.seen_forbidden is not None:
            return Ending(ExitCode.FAILURE, f"error: {self.watch.seen_forbidden!r} appeared on uart0 {after}")
        if self._loop.has_quit or self.watch.verdict is ExitCode.SUCCESS:
            return Ending(ExitCode.SUCCESS)
        missing = "".join(f"; {text!r} has not appeared" for text in self.watch.missing)
        if result.crash is not None:
            return Ending(ExitCode.FAILURE, f"error: {result.crash.details}")
        resets = self._machine.last_reset
        if resets is not None and resets.is_boot_loop:
            missing += f"; in a boot loop, {resets.number} resets so far"
        if result.end is RunEnd.TIME_UP:
            where = f"; {result.whereabouts}" if result.whereabouts else ""
            return Ending(ExitCode.TIME_UP, f"error: the virtual time is up {after}{missing}{where}")
        return Ending(ExitCode.FAILURE, f"error: {result}")
