"""The code of a trace through time: as it was known first, and what has changed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emu.trace.layout import CODE
from emu.trace.lines import Code, Memory


class CodeRecord(NamedTuple):
    """Code that was there when so many entries of the flow had come."""

    entries: int
    address: int
    data: bytes


class CodeHistory:
    """What is found out from all records of a trace."""

    def __init__(self, memories: Iterable[Memory], records: Iterable[CodeRecord]) -> None:
        memories = tuple(memories)
        self.first = Code(memories)
        """Each byte as it was known first: nothing of it is executed before."""
        self.changes: list[CodeRecord] = []
        """What was different later, in its order."""
        latest, known = Code(memories), Code(memories)
        for record in records:
            end = record.address + len(record.data)
            new = [at for at in range(record.address, end) if not known.byte(at)]
            for at in new:
                self.first.put(at, record.data[at - record.address :][:1])
            known.put(record.address, b"\1" * len(record.data))
            before = latest.bytes_at(record.address, len(record.data))
            latest.put(record.address, record.data)
            is_new = set(new)
            if any(
                one != other and record.address + offset not in is_new
                for offset, (one, other) in enumerate(zip(before, record.data, strict=True))
            ):
                self.changes.append(record)


def code_records(data: bytes) -> Iterator[CodeRecord]:
    """The records of a chunk."""
    at = 0
    while at < len(data):
        entries, address, size_bytes = CODE.unpack_from(data, at)
        at += CODE.size
        yield CodeRecord(entries, address, data[at : at + size_bytes])
        at += size_bytes
