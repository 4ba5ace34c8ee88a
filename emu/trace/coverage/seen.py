"""Reads what `CoverageRecorder` has written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emu.trace.chunks import ChunkKind
from emu.trace.layout import SEEN, SeenKind
from emu.trace.trace import Trace


class Seen(NamedTuple):
    """Code that was executed, or a branch that has gone one way."""

    kind: SeenKind
    address: int
    code: bytes


class Period(NamedTuple):
    """What was executed at all while no program has taken the place of another."""

    name: str
    """That of the test; empty if it has none."""
    seen: list[Seen]


def periods_of(trace: Trace) -> Iterator[Period]:
    """All of them, those of a machine in the order of time."""
    for data in trace.chunks_of(ChunkKind.SEEN):
        records = list(_records(data))
        name = b"".join(record.code for record in records if record.kind is SeenKind.NAME)
        seen = [record for record in records if record.kind is not SeenKind.NAME]
        yield Period(name.decode(errors="replace"), seen)


def _records(data: bytes) -> Iterator[Seen]:
    at = 0
    while at < len(data):
        kind, address, size_bytes = SEEN.unpack_from(data, at)
        at += SEEN.size
        yield Seen(SeenKind(kind), address, data[at : at + size_bytes])
        at += size_bytes
