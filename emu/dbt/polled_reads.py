"""What becomes of reads of devices that are made again and again: loops are left out, counts worked out.

A register that stays as it is counts as well, by 0, if loops that read it are too short to be left out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from emu.dbt.code_cache import CodeCache
from emu.dbt.host import Host
from emu.dbt.host_registers import PC, X
from emu.dbt.window_accesses import ACCESSES_A_SAMPLE
from emu.engine.contract import CoreEvents, ElapsedCount, GuestBus, LateReturn, ReadOutlook
from emu.engine.poll_skipper import WORTH_COST, PollSkipper, Where
from emu.isa.ops import CpuException
from emu.isa.state import LINK

IN_A_ROW = 3
"""So many reads with no other access in between are a loop: two may be the beginning and the end of a
wait."""
MOST_MISSES = 4
"""What stays as it is is followed no longer when it was so often not read in a row."""


class RunningEngine(Protocol):
    """What an engine tells of the run under way."""

    charged_limit: int
    """What will have elapsed, and one more, when the budget in X30 is 0."""

    @property
    def late_return(self) -> LateReturn:
        """See `contract.Engine.late_return`."""
        ...

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
        self,
        engine: RunningEngine,
        bus: GuestBus,
        host: Host,
        cache: CodeCache,
        polls: PollSkipper,
        events: CoreEvents,
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._host = host
        self._cache = cache
        self._polls = polls
        self._events = events
        self._read_place = host.reader("=2Q", PC, X[LINK])
        self._end = 0  # when to look at the loop that reads in a row; 0: not yet
        self._refused: set[int] = set()  # addresses of counts that cannot be worked out
        self._misses: dict[int, int] = {}  # of registers that stay as they are, in a row
        host.forget = self._forget

    def leaves(self, address: int) -> bool:
        """Whether it shall leave translated code, for it may be one of a loop."""
        polls = self._polls
        if address in polls.followed:
            return self._followed_leaves(address)
        host_pc, where = self._place()
        if where is None:
            return False
        if not polls.is_due(where, address):
            self._look(host_pc, address)
            return False
        if self._cache.can_count(host_pc) and self._is_count(address):
            polls.follow(address)
            return False
        return self._is_first(host_pc)

    def _look(self, host_pc: int, address: int) -> None:
        """Follow what stays as it is from the second sample on if nothing has happened since the first."""
        foreseen = self._host.foreseen
        if address in self._polls.polled or address not in self._bus.quiet_reads:
            return
        if address not in foreseen:
            foreseen[address] = 0
        elif self._cache.can_count(host_pc) and self._is_steady(address):
            self._polls.follow(address)
            self._misses[address] = 0

    def _is_count(self, address: int) -> bool:
        outlook = self._outlook(address)
        return outlook is not None and outlook.count is not None and address not in self._refused

    def _is_steady(self, address: int) -> bool:
        outlook = self._outlook(address)
        return outlook is not None and outlook.count is None

    def _outlook(self, address: int) -> ReadOutlook | None:
        with suppress(CpuException):  # nobody answers, or not there
            return self._events.outlook(address, 4)
        return None

    def _followed_leaves(self, address: int) -> bool:
        """The same of one that is followed. If it is read again and again, it is worked out from now on."""
        host, cache, foreseen = self._host, self._cache, self._host.foreseen
        row = foreseen[address] = foreseen.get(address, 0) + 1
        if row >= IN_A_ROW or not host.accesses % ACCESSES_A_SAMPLE:
            host_pc, where = self._place()
            if cache.count_words.slot(address) in cache.counting.get(host_pc, ()):
                now = self._engine.count()
                is_visit = row < IN_A_ROW or 0 < self._end <= now
                if (
                    self._engine.limit - now >= WORTH_COST
                    and where is not None
                    and self._is_due(where, is_visit)
                ):
                    self._forget()
                    return self._is_first(host_pc)
                if row >= IN_A_ROW:
                    self._work_out(address, now)
                    return False
            elif cache.can_count(host_pc):
                host.meet(address)
            else:  # it reads a part
                self._forget()
        if len(foreseen) > 1 and address not in self._bus.quiet_reads:
            cache.count_words.clear()  # of others, which it may change
        return False

    def _is_due(self, where: Where, is_visit: bool) -> bool:
        """Whether to see how many rounds of the loop here can be left out."""
        return self._polls.is_known(where) or (is_visit and self._polls.visit(where))

    def _work_out(self, address: int, now: int) -> None:
        engine, outlook = self._engine, self._events.outlook(address, 4)
        if self._end <= now:
            self._end = now + WORTH_COST
        if outlook is None:
            self._forget()
            return
        count = outlook.count
        if count is None:
            engine.late_return.tell()
            if engine.late_return.is_allowed:  # that changes what the interrupt controller reads as
                return
            count = ElapsedCount(now, 1, 1, self._bus.read(address, 4), 0, 1)
        end = min(self._end, engine.limit, outlook.until or engine.limit)
        words, total = self._cache.count_words, engine.charged_limit - 1
        if not words.set(address, count, now, end, total) and now < end:
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
        self._end = 0
        foreseen, misses = self._host.foreseen, self._misses
        for address, row in foreseen.items():
            if address in misses:
                misses[address] = 0 if row >= IN_A_ROW else misses[address] + 1
                if misses[address] == MOST_MISSES:
                    self._polls.unfollow(address)
                    del misses[address]
        foreseen.clear()
