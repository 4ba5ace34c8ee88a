"""One run of a machine on the command line: UARTs on the host, conditions for the end, signals."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from emu.cli.ending_signals import exit_code_of_signal, name_of
from emu.cli.exit_code import ExitCode
from emu.cli.pace import Pace
from emu.cli.text_watch import TextWatch
from emu.cli.uart_backend import UartBackend
from emu.machine import Machine, RunEnd, RunResult
from emu.machine.uart_port import UartPort

SLICE_NS = 10_000_000
"""How long a run goes on before it looks for input: to a human, a key takes effect at once."""
QUEUED_BYTES = 64 * 1024
"""With so much input waiting for the firmware no more is taken: whoever sends it has to wait."""
FLUSH_AFTER_S = 0.05
"""How old an incomplete line gets in host time before it is shown."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the session ended: the exit code, and a line for stderr if there is something to say."""

    code: int
    message: str = ""


class Session:
    """Connects the UARTs of a machine to back ends and runs until something decides."""

    def __init__(self, machine: Machine, backends: dict[UartPort, UartBackend], watch: TextWatch) -> None:
        self.watch = watch
        self._machine = machine
        self._backends = backends
        self._quit = False
        self._flushed_at_s = time.monotonic()
        for port, backend in backends.items():
            port.listeners.append(self._listener(backend))
        machine.uart0.listeners.append(self._watch_byte)

    def quit(self) -> None:
        """Let the session end with success: the user has asked for it."""
        self._quit = True

    def run(self, max_time_ns: int | None) -> Ending:
        """Run at full speed until the watch decides, the firmware crashes or the time is up."""
        try:
            result = self._machine.run(max_time_ns)
            self._exchange()
        except KeyboardInterrupt as interruption:
            return self._interrupted(interruption)
        return self._ending(result)

    def run_live(self, max_time_ns: int | None, is_paced: Callable[[], bool]) -> Ending:
        """Like `run`, taking input from the back ends; `is_paced` says when to follow the host's clock."""
        try:
            return self._ending(self._run_slices(max_time_ns, is_paced))
        except KeyboardInterrupt as interruption:
            return self._interrupted(interruption)

    def _run_slices(self, max_time_ns: int | None, is_paced: Callable[[], bool]) -> RunResult:
        end_ns = None if max_time_ns is None else self._machine.now_ns + max_time_ns
        pace: Pace | None = None
        while True:
            left_ns = SLICE_NS if end_ns is None else min(SLICE_NS, end_ns - self._machine.now_ns)
            result = self._machine.run(left_ns)
            self._exchange()
            is_over = end_ns is not None and self._machine.now_ns >= end_ns
            if result.end is not RunEnd.TIME_UP or is_over or self._quit:
                return result
            if is_paced():
                pace = pace or Pace(self._machine.now_ns)
                pace.wait(self._machine.now_ns)

    def _listener(self, backend: UartBackend) -> Callable[[int, int], None]:
        def sent(_time_ns: int, byte: int) -> None:
            backend.send(bytes((byte,)))
            if byte == ord("\n") or time.monotonic() > self._flushed_at_s + FLUSH_AFTER_S:
                backend.flush()
                self._flushed_at_s = time.monotonic()

        return sent

    def _watch_byte(self, _time_ns: int, byte: int) -> None:
        self.watch.feed(bytes((byte,)))
        if self.watch.verdict is not None:
            self._machine.stop()

    def _flush(self) -> None:
        for backend in self._backends.values():
            backend.flush()

    def _exchange(self) -> None:
        self._flush()
        for port, backend in self._backends.items():
            if port.queued < QUEUED_BYTES and (received := backend.receive()):
                port.write(received)

    def _interrupted(self, interruption: KeyboardInterrupt) -> Ending:
        self._flush()
        after = f"after {self._machine.now_ns / 1e9:.3f} s; {self._machine.whereabouts()}"
        return Ending(exit_code_of_signal(interruption), f"{name_of(interruption)} {after}")

    def _ending(self, result: RunResult) -> Ending:
        after = f"after {result.time_ns / 1e9:.3f} s"
        where = f"; {result.whereabouts}" if result.whereabouts else ""
        if self.watch.seen_forbidden is not None:
            return Ending(ExitCode.FAILURE, f"error: {self.watch.seen_forbidden!r} appeared on uart0 {after}")
        if self._quit or self.watch.verdict is ExitCode.SUCCESS:
            return Ending(ExitCode.SUCCESS)
        missing = "".join(f"; {text!r} has not appeared" for text in self.watch.missing)
        if result.crash is not None:
            return Ending(ExitCode.FAILURE, f"error: {result.crash.details}")
        resets = self._machine.last_reset
        if resets is not None and resets.is_boot_loop:
            missing += f"; in a boot loop, {resets.number} resets so far"
        if result.end is RunEnd.TIME_UP:
            return Ending(ExitCode.TIME_UP, f"error: the virtual time is up {after}{missing}{where}")
        return Ending(ExitCode.FAILURE, f"error: {result}")
