"""What becomes of reads of devices that are made again and again: loops are left out, counts worked out."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from emu.dbt.code_cache import CodeCache
from emu.dbt.host import Host
from emu.dbt.host_registers import PC, X
from emu.dbt.window_accesses import ACCESSES_A_SAMPLE
from emu.engine.contract import CoreEvents
from emu.engine.poll_skipper import WORTH_COST, PollSkipper, Where
from emu.isa.ops import CpuException
from emu.isa.state import LINK


class RunningEngine(Protocol):
    """What an engine tells of the run under way."""

    charged_limit: int
    """What will have elapsed, and one more, when the budget in X30 is 0."""

    def count(self) -> int:
        """See `contract.Engine.count`."""
        ...

    @property
    def limit(self) -> int:
        """See `contract.Engine.limit`."""
        ...


class PolledReads:
    """Decides, at a read that has not been made."""

    def __init__(
        self, engine: RunningEngine, host: Host, cache: CodeCache, polls: PollSkipper, events: CoreEvents
    ) -> None:
        self._engine = engine
        self._host = host
        self._cache = cache
        self._polls = polls
        self._events = events
        self._read_place = host.reader("=2Q", PC, X[LINK])
        self._access = 0  # the number of the latest read of a count
        self._address = 0
        self._end = 0  # what it began to work out then is looked at again
        host.forget = self._forget

    def leaves(self, address: int) -> bool:
        """Whether it shall leave translated code, for it may be one of a loop."""
        if address in self._polls.counts:
            return self._count_leaves(address)
        host_pc, where = self._place()
        if where is None or not self._polls.is_due(where, address):
            return False
        if self._is_count(address):
            self._polls.follow(address)
            return False
        return self._is_first(host_pc)

    def _count_leaves(self, address: int) -> bool:
        """The same of a count. If it was read last, too, it is worked out from now on."""
        access = self._host.accesses
        is_next, is_sample = (
            access == self._access + 1 and address == self._address,
            access % ACCESSES_A_SAMPLE == 0,
        )
        self._access, self._address = access, address
        if not is_next:
            self._end = 0
        if is_sample and self._needs_detour():
            self._host.meet("count")
        elif is_next or is_sample:
            now = self._engine.count()
            if self._engine.limit - now >= WORTH_COST and self._is_due(
                is_visit=not is_next or 0 < self._end <= now
            ):
                self._end = 0
                return True
            if is_next:
                self._work_out(address, now)
        return False

    def _is_due(self, *, is_visit: bool) -> bool:
        """Whether to see how many rounds of the loop here can be left out."""
        host_pc, where = self._place()
        if where is None or not (self._polls.is_known(where) or (is_visit and self._polls.visit(where))):
            return False
        return self._is_first(host_pc)

    def _is_count(self, address: int) -> bool:
        with suppress(CpuException):  # nobody answers, or not there
            outlook = self._events.outlook(address, 4)
            return outlook is not None and outlook.count is not None
        return False

    def _work_out(self, address: int, now: int) -> None:
        engine, outlook = self._engine, self._events.outlook(address, 4)
        self._end = now + WORTH_COST
        if outlook is not None and outlook.count is not None:
            end = min(self._end, engine.limit, outlook.until or engine.limit)
            total = engine.charged_limit - 1
            self._host.foresees = self._cache.count_words.set(address, outlook.count, now, end, total)

    def _place(self) -> tuple[int, Where | None]:
        """The place in translated code, and what it is for the guest."""
        host_pc, link = self._read_place()
        position = self._cache.guest_position(host_pc)
        return host_pc, None if position is None or position.pc is None else (position.pc, link)

    def _is_first(self, host_pc: int) -> bool:
        """Whether its instruction has made no other access, which would be made twice."""
        return len(self._cache.accesses_until(host_pc)) == 1

    def _needs_detour(self) -> bool:
        host_pc = self._host.pc
        return host_pc not in self._cache.counting and self._cache.can_count(host_pc)

    def _forget(self) -> None:
        self._cache.count_words.clear()
        self._host.foresees = False
