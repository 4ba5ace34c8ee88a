"""Returns from exceptions that are made in translated code, and told later (`contract.LateReturn`)."""

from __future__ import annotations

from collections.abc import Callable

from emu.dbt.guest_state import GuestState
from emu.dbt.tail_chain import TailChain
from emu.engine.contract import CoreEvents
from emu.engine.memory import Memory
from emu.isa.state import CpuState


class LateReturn:
    """What is allowed lies where translated code looks, and says when it has made use of it."""

    def __init__(
        self,
        guest: GuestState,
        state: CpuState,
        memory: Memory,
        events: CoreEvents,
        is_running: Callable[[], bool],
    ) -> None:
        self.is_allowed = False
        self._guest = guest
        self._state = state
        self._events = events
        self._is_running = is_running
        self._chain = TailChain(guest.page, state, memory)
        self._vector: int | None = None  # of the handler that comes next

    def allow(self) -> None:
        """See `contract.LateReturn`. One to among conditional instructions is left to Python."""
        if self._state.held_conditions == 1:
            self.is_allowed = self._guest.may_return = True

    def chain(self, vector: int) -> None:
        """See `contract.LateReturn`. Between runs it is left to Python."""
        if self._is_running() and self._chain.set(vector, *self._guest.passed):
            self._vector = vector
            self.is_allowed = True

    def forbid(self) -> None:
        """See `contract.LateReturn`."""
        if self.is_allowed:
            self.is_allowed = self._guest.may_return = False
            self._vector = None
            self._chain.clear()

    def tell(self) -> None:
        """See `contract.LateReturn`."""
        if not self.is_allowed or self._chain.is_set:
            return
        has_returned = not self._guest.may_return
        if self._vector is not None:
            vector, self._vector = self._vector, None
            self._chain.settle()
            self._events.exception_chained(vector)
        if has_returned:
            self.is_allowed = False
            self._events.exception_returned()
