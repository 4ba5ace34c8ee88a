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


def periods_of(trace: Trace) -> Iterator[list[Seen]]:
    """What was executed at all while no program has taken the place of another, in the order of time."""
    for data in trace.chunks_of(ChunkKind.SEEN):
        yield list(_records(data))


def _records(data: bytes) -> Iterator[Seen]:
    at = 0
    while at < len(data):
        kind, address, size_bytes = SEEN.unpack_from(data, at)
        at += SEEN.size
        yield Seen(SeenKind(kind), address, data[at : at + size_bytes])
        at += size_bytes
