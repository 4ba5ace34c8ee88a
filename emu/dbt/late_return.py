"""A return from an exception that is made in translated code, and told later (`contract.LateReturn`)."""

from __future__ import annotations

from emu.dbt.guest_state import GuestState
from emu.engine.contract import CoreEvents
from emu.isa.state import CpuState


class LateReturn:
    """What is allowed lies where translated code looks, and says when it has made use of it."""

    def __init__(self, guest: GuestState, state: CpuState, events: CoreEvents) -> None:
        self.is_allowed = False
        self._guest = guest
        self._state = state
        self._events = events

    def allow(self) -> None:
        """See `contract.LateReturn`. One to among conditional instructions is left to Python."""
        if self._state.held_conditions == 1:
            self.is_allowed = self._guest.may_return = True

    def forbid(self) -> None:
        """See `contract.LateReturn`."""
        if self.is_allowed:
            self.is_allowed = self._guest.may_return = False

    def tell(self) -> None:
        """See `contract.LateReturn`."""
        if self.is_allowed and not self._guest.may_return:
            self.is_allowed = False
            self._events.exception_returned()
