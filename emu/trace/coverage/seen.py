"""Reads what `CoverageRecorder` has written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from emu.trace.chunks import ChunkFile, ChunkKind
from emu.trace.layout import SEEN, SeenKind
from emu.trace.setup import setup_in


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


class HasSeen(Protocol):
    """A file of coverage: a `Trace`, or only this."""

    @property
    def elfs(self) -> list[bytes]:
        """The ELF files of the programs."""
        ...

    def chunks_of(self, kind: ChunkKind) -> Iterator[bytes]:
        """What all chunks of a kind hold."""
        ...


class SeenFile:
    """A file of coverage; LoadError where it is none. It takes less time, and libraries, than a `Trace`."""

    def __init__(self, path: Path) -> None:
        self._file = ChunkFile(path)
        made_from = setup_in(self._file)[1]["made_from"] or {"programs": ()}
        self.elfs = list(dict.fromkeys(elf for _, _, elf in made_from["programs"] if elf))

    def chunks_of(self, kind: ChunkKind) -> Iterator[bytes]:
        """See `HasSeen.chunks_of`."""
        return self._file.contents_of(kind)


def periods_of(recorded: HasSeen) -> Iterator[Period]:
    """All of them, those of a machine in the order of time."""
    for data in recorded.chunks_of(ChunkKind.SEEN):
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
