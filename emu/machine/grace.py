"""How long the firmware's handler may go on after a crash: until it has nothing more to say."""

from __future__ import annotations

from typing import Final

from emu.inspect.short_loop import find_short_loop
from emu.machine.board import Board
from emu.machine.program_views import ProgramViews
from peripherals.uart import Uart

MOST_FAILURES: Final = 16
"""A handler that fails as well, so often, has nothing more to say: with a bad stack pointer it fails before
it has said anything, a million times in 20 ms, which takes minutes."""
LOOK_EACH_NS: Final = 5_000_000
"""The SDK's handler waits for a key when it has printed: 20,000 reads of the UART a millisecond."""


class Grace:
    """The time after one crash. `next_look_ns` is when to ask whether it is over, at the latest."""

    def __init__(self, board: Board, views: ProgramViews, duration_ns: int) -> None:
        self._board = board
        self._views = views
        self._failures = 0
        self._was_waiting = False
        self._end_ns = board.clock.now_ns + duration_ns
        self.next_look_ns = self._plan()

    def save(self) -> tuple[int, bool, int, int]:
        """Take a snapshot."""
        return self._failures, self._was_waiting, self._end_ns, self.next_look_ns

    def restore(self, snapshot: tuple[int, bool, int, int]) -> None:
        """Go back to a snapshot."""
        self._failures, self._was_waiting, self._end_ns, self.next_look_ns = snapshot

    def failed(self) -> bool:
        """Note that a handler has failed; whether that was once too often."""
        self._failures += 1
        if self._failures == MOST_FAILURES:
            self._end_ns = self.next_look_ns = self._board.clock.now_ns
        return self._failures == MOST_FAILURES

    def is_over(self) -> bool:
        """Whether the time is up, or the handler waits for input only, now as at the look before."""
        if self._board.clock.now_ns >= self._end_ns:
            return True
        before, self._was_waiting = self._was_waiting, self._waits_for_input()
        self.next_look_ns = self._plan()
        return before and self._was_waiting

    def _plan(self) -> int:
        return min(self._board.clock.now_ns + LOOK_EACH_NS, self._end_ns)

    def _waits_for_input(self) -> bool:
        """Whether it goes round in a few instructions that look at a UART, none of which sends anything."""
        soc, state = self._board.soc, self._board.core.state
        if any(uart.is_sending for uart in soc.uarts):
            return False
        loop = find_short_loop(self._views.now(), state.pc, state)
        found = None if loop is None or loop.reads is None else soc.device_at(loop.reads)
        return found is not None and isinstance(found[0], Uart)
