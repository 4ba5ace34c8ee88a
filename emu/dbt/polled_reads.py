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

IN_A_ROW = 3
"""So many reads with no other access in between are a loop: two may be the beginning and the end of a
wait."""


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
        self._row = 0  # how often a count was read with no access in between that may change it
        self._end = 0  # when to look at the loop that does so; 0: not yet
        self._refused: set[int] = set()  # addresses of counts that cannot be worked out
        host.forget = self._forget

    def leaves(self, address: int) -> bool:
        """Whether it shall leave translated code, for it may be one of a loop."""
        if address in self._polls.counts:
            return self._count_leaves(address)
        host_pc, where = self._place()
        if where is None or not self._polls.is_due(where, address):
            return False
        if self._cache.can_count(host_pc) and self._is_count(address):
            self._polls.follow(address)
            return False
        return self._is_first(host_pc)

    def _count_leaves(self, address: int) -> bool:
        """The same of a count. If it is read again and again, it is worked out from now on."""
        host = self._host
        if host.foreseen == address:
            self._row += 1
        else:
            self._forget()
            self._row, self._end, host.foreseen = 1, 0, address
        if self._row < IN_A_ROW and host.accesses % ACCESSES_A_SAMPLE:
            return False
        host_pc, where = self._place()
        if host_pc in self._cache.counting:
            now = self._engine.count()
            if where is not None and self._engine.limit - now >= WORTH_COST and self._is_due(where, now):
                self._forget()
                return self._is_first(host_pc)
            if self._row >= IN_A_ROW:
                self._work_out(address, now)
        elif self._cache.can_count(host_pc):
            host.meet("count")
        else:  # it reads a part
            self._forget()
        return False

    def _is_due(self, where: Where, now: int) -> bool:
        """Whether to see how many rounds of the loop here can be left out."""
        is_visit = self._row < IN_A_ROW or 0 < self._end <= now
        return self._polls.is_known(where) or (is_visit and self._polls.visit(where))

    def _is_count(self, address: int) -> bool:
        with suppress(CpuException):  # nobody answers, or not there
            outlook = self._events.outlook(address, 4)
            return outlook is not None and outlook.count is not None and address not in self._refused
        return False

    def _work_out(self, address: int, now: int) -> None:
        engine, outlook = self._engine, self._events.outlook(address, 4)
        if self._end <= now:
            self._end = now + WORTH_COST
        if outlook is None:
            return
        if outlook.count is None:  # it stands still
            self._polls.unfollow(address)
            return
        end = min(self._end, engine.limit, outlook.until or engine.limit)
        words, total = self._cache.count_words, engine.charged_limit - 1
        if not words.set(address, outlook.count, now, end, total) and now < end:
            self._refused.add(address)
            self._polls.unfollow(address)

    def _place(self) -> tuple[int, Where | None]:
        """The place in translated code, and what it is for the guest."""
        host_pc, link = self._read_place()
        position = self._cache.guest_position(host_pc)
        return host_pc, None if position is None or position.pc is None else (position.pc, link)

    def _is_first(self, host_pc: int) -> bool:
        """Whether its instruction has made no other access, which would be made twice."""
        return len(self._cache.accesses_until(host_pc)) == 1

    def _forget(self) -> None:
        self._cache.count_words.clear()
        self._host.foreseen = None
