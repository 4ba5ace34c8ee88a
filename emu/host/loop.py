"""Runs a machine while the host's side of it gets its turn in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from emu.host.pace import Pace
from emu.host.uart_backend import UartBackend
from emu.machine import RunEnd, RunResult, UartPort

SLICE_NS = 10_000_000
"""How long a run goes on before it looks for input: to a human, a key takes effect at once."""
QUEUED_BYTES = 64 * 1024
"""With so much input waiting for the firmware no more is taken: whoever sends it has to wait."""
FLUSH_AFTER_S = 0.05
"""How old an incomplete line gets in host time before it is shown."""


class Attendant(Protocol):
    """Something of the host that wants a turn between two slices of a run."""

    def attend(self) -> None:
        """Exchange what there is; never waits."""


class Runnable(Protocol):
    """A machine, or somebody who lets one run: a debugger."""

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        ...

    def run(self, max_time_ns: int | None) -> RunResult:
        """Run for at most so long; RunEnd.TIME_UP if there is no other end, perhaps sooner."""
        ...


class UartBridge:
    """Carries the bytes between a UART and its back end."""

    def __init__(self, port: UartPort, backend: UartBackend) -> None:
        self._port = port
        self._backend = backend
        self._flushed_at_s = time.monotonic()
        port.listeners.append(self._sent)

    def attend(self) -> None:
        """Show what was sent, and take what has arrived."""
        self._backend.flush()
        if self._port.queued < QUEUED_BYTES and (received := self._backend.receive()):
            self._port.write(received)

    def flush(self) -> None:
        """Show what was sent."""
        self._backend.flush()

    def _sent(self, _time_ns: int, byte: int) -> None:
        self._backend.send(bytes((byte,)))
        if byte == ord("\n") or time.monotonic() > self._flushed_at_s + FLUSH_AFTER_S:
            self._backend.flush()
            self._flushed_at_s = time.monotonic()


class HostLoop:
    """Lets a machine run, at full speed or in slices between which the attendants get their turn."""

    def __init__(self, runnable: Runnable, attendants: Sequence[Attendant]) -> None:
        self.has_quit = False
        """Whether somebody has called `quit`."""
        self._runnable = runnable
        self._attendants = attendants

    def quit(self) -> None:
        """Let the live run end after this slice: the user has asked for it."""
        self.has_quit = True

    def run(self, max_time_ns: int | None) -> RunResult:
        """Run at full speed; the attendants get their turn at the end."""
        result = self._runnable.run(max_time_ns)
        self._attend()
        return result

    def run_live(
        self, max_time_ns: int | None, is_paced: Callable[[], bool], slice_ns: int | None = SLICE_NS
    ) -> RunResult:
        """Like `run`, taking input on the way; `is_paced` says when to follow the host's clock.

        The attendants get their turn after `slice_ns`; None: whenever the run comes back.
        """
        end_ns = None if max_time_ns is None else self._runnable.now_ns + max_time_ns
        pace: Pace | None = None
        while True:
            left_ns = None if end_ns is None else end_ns - self._runnable.now_ns
            slices_ns = [time_ns for time_ns in (slice_ns, left_ns) if time_ns is not None]
            result = self._runnable.run(min(slices_ns, default=None))
            self._attend()
            is_over = end_ns is not None and self._runnable.now_ns >= end_ns
            if result.end is not RunEnd.TIME_UP or is_over or self.has_quit:
                return result
            if is_paced():
                pace = pace or Pace(self._runnable.now_ns)
                pace.wait(self._runnable.now_ns)

    def _attend(self) -> None:
        for attendant in self._attendants:
            attendant.attend()
