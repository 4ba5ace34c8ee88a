"""What the accesses of the round of a loop meet that begins now."""

from __future__ import annotations

from typing import NamedTuple

from emu.engine.contract import CoreEvents, GuestBus
from emu.engine.poll_round import Round, region_at
from emu.engine.poll_values import UNCHANGED, Change
from emu.isa.ops import NotInThisBackEndError


class Access(NamedTuple):
    """One of them, in round 0."""

    address: int
    value: int = 0
    change: Change = UNCHANGED
    until: int | None = None
    """How much may elapse until nobody knows what it meets."""
    is_device: bool = False


class Accesses:
    """Finds out what they meet, once; NotInThisBackEndError where that cannot be foreseen.

    Registers of devices are read if only alarms and writes change them, else their outlooks are asked.
    """

    def __init__(self, way: Round, elapsed: int, bus: GuestBus, events: CoreEvents) -> None:
        self._way = way
        self._elapsed = elapsed
        self._bus = bus
        self._events = events
        self._seen: list[Access] = []

    def load(self, number: int, address: int, size_bytes: int) -> Access:
        """A read, the one of that number of the round."""
        return self._known(number, address) or self._add(self._find(number, address, size_bytes))

    def store(self, number: int, address: int, size_bytes: int) -> None:
        """A write, to RAM."""
        if self._known(number, address) is None:
            region = region_at(self._bus.regions, address)
            if region is None or not region.writable or address & size_bytes - 1:
                raise NotInThisBackEndError
            self._add(Access(address))

    def literal(self, address: int) -> int:
        """A constant beside the code."""
        return self._bus.read(address, 4)

    def last_before(self, limit: int) -> int:
        """The number of the last round that ends before `limit`, and whose reads give what is foreseen."""
        way, start = self._way, self._elapsed
        last = (limit - 1 - start - way.cost) // way.cost
        for seen, (passed, _) in zip(self._seen, way.accesses, strict=True):
            if seen.until is not None:
                last = min(last, (seen.until - 1 - start - passed) // way.cost)
        return last

    def _known(self, number: int, address: int) -> Access | None:
        if number >= len(self._seen):
            return None
        if self._seen[number].address != address:
            raise NotInThisBackEndError
        return self._seen[number]

    def _add(self, access: Access) -> Access:
        self._seen.append(access)
        return access

    def _find(self, number: int, address: int, size_bytes: int) -> Access:
        passed, course = self._way.accesses[number]
        is_memory = region_at(self._bus.regions, address) is not None
        if is_memory is not (course is None) or address & size_bytes - 1:
            raise NotInThisBackEndError
        if course is None:
            return Access(address, self._bus.read(address, size_bytes))
        outlook = self._events.outlook(address, size_bytes)
        if outlook is None:
            raise NotInThisBackEndError
        if outlook.count is None:
            return Access(
                address, self._bus.read(address, size_bytes), UNCHANGED, outlook.until, is_device=True
            )
        value = course.begin(outlook.count.at, self._elapsed + passed, self._way.cost)
        return Access(address, value, Change(courses={(course, 0): 1}), outlook.until, is_device=True)
