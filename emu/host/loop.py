"""Runs a machine while the host's side of it gets its turn in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from emu.host.pace import Pace
from emu.host.waiting import wait_for_input
from emu.machine import RunEnd, RunResult

SLICE_NS = 10_000_000
"""How long a run goes on before it looks for input: to a human, a key takes effect at once."""


class Attendant(Protocol):
    """Something of the host that wants a turn between two slices of a run."""

    @property
    def descriptors(self) -> Sequence[int]:
        """Files or sockets that become readable when there is something to attend to."""
        ...

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
                pace.wait(self._runnable.now_ns, self._sleep)
            else:
                pace = None

    def _sleep(self, duration_s: float) -> None:
        wait_for_input([each for one in self._attendants for each in one.descriptors], duration_s)

    def _attend(self) -> None:
        for attendant in self._attendants:
            attendant.attend()
