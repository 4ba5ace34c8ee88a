"""The file of a trace: a line, then chunks, each whole by itself, so that what is cut off stays readable.

    w800emu trace 1 <version of the emulator>\n
    chunk: kind (4 letters), stored size, plain size, CRC-32 of what is stored (32-bit words), the moment at
        which it begins (entries of the flow, elapsed, instructions executed: 64-bit words),
        what is stored: a Zstandard frame

All numbers are little endian. The headers are the index: who looks for a time steps from one to the next.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from emu import zstd
from emu.loader.errors import LoadError, Origin

FORMAT: Final = 1
_FIRST_LINE = re.compile(rb"w800emu trace (\d+) (\S+)\n")
_HEADER = struct.Struct("<4sIIIQQQ")
_LONGEST_LINE_BYTES: Final = 100
_MOST_BYTES: Final = 1 << 28
_LEVEL: Final = 1
"""Of compression: the flow repeats itself so much that more effort gains little."""


class ChunkKind(StrEnum):
    """What a chunk holds."""

    SETUP = "SETU"
    """The machine: see `TraceSetup`."""
    FLOW = "FLOW"
    """Entries of 32 bits: see emu/engine/flow.py."""
    CODE = "CODE"
    """Code that entries stand for: see `layout.CODE`."""
    TIME = "TIME"
    """How time has passed: see `layout.TIME`."""
    EVENTS = "EVNT"
    """What has happened besides: see `layout.EVENT`."""
    TASKS = "TASK"
    """Names of tasks by the addresses of their control blocks, as JSON."""
    SEEN = "SEEN"
    """Code that was executed at all, while the same programs were there: see `layout.SEEN`."""
    END = "END "
    """The trace was ended; the recording of the run, if there is one."""


_KINDS: Final = {kind.encode(): kind for kind in ChunkKind}


class Moment(NamedTuple):
    """A place in a run."""

    entries: int = 0
    """Of the flow, since the trace began."""
    elapsed: int = 0
    executed: int = 0


class Chunk(NamedTuple):
    """Where a chunk lies."""

    kind: ChunkKind
    begins: Moment
    offset: int
    stored_bytes: int
    plain_bytes: int
    checksum: int


def first_line(version: str) -> bytes:
    """What a file begins with."""
    return f"w800emu trace {FORMAT} {version}\n".encode()


def pack(kind: ChunkKind, begins: Moment, data: bytes) -> bytes:
    """A chunk."""
    stored = zstd.compress(data, _LEVEL)
    return _HEADER.pack(kind.encode(), len(stored), len(data), zlib.crc32(stored), *begins) + stored


class ChunkFile:
    """A trace as it lies on disk; LoadError where it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self.version, begin = _version(file.read(_LONGEST_LINE_BYTES), Origin(path.name))
                self.chunks = list(_scan(file, begin, path.stat().st_size))
        except OSError as error:
            raise LoadError(f"{path}: {error.strerror}") from None
        self.is_whole = bool(self.chunks) and self.chunks[-1].kind is ChunkKind.END

    def of(self, kind: ChunkKind) -> Iterator[Chunk]:
        """All chunks of a kind, in their order."""
        return (chunk for chunk in self.chunks if chunk.kind is kind)

    def contents_of(self, kind: ChunkKind) -> Iterator[bytes]:
        """What all chunks of a kind hold."""
        return map(self.read, self.of(kind))

    def read(self, chunk: Chunk) -> bytes:
        """What a chunk holds; LoadError if it is damaged."""
        with self.path.open("rb") as file:
            file.seek(chunk.offset)
            stored = file.read(chunk.stored_bytes)
        origin = Origin(self.path.name, chunk.offset)
        if zlib.crc32(stored) != chunk.checksum:
            raise origin.error("checksum", f"does not fit: this chunk ({chunk.kind}) is damaged")
        try:
            data = zstd.decompress(stored)
        except zstd.ZstdError as error:
            raise origin.error("contents", f"cannot be read ({error})") from None
        if len(data) != chunk.plain_bytes:
            raise origin.error("size", f"{len(data):,} bytes instead of {chunk.plain_bytes:,}")
        return data


def _version(data: bytes, origin: Origin) -> tuple[str, int]:
    """The version of the emulator that has written it, and where the chunks begin."""
    match = _FIRST_LINE.match(data)
    if match is None:
        raise origin.error("magic", "not 'w800emu trace': give a file that --trace has written")
    if int(match[1]) != FORMAT:
        raise origin.error("format", f"{int(match[1])} is not {FORMAT}, which this emulator reads")
    return match[2].decode("ascii", "replace"), match.end()


def _scan(file: BinaryIO, offset: int, size_bytes: int) -> Iterator[Chunk]:
    """The chunks that are there as a whole."""
    while True:
        file.seek(offset)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        letters, stored, plain, checksum, *begins = _HEADER.unpack(header)
        offset += _HEADER.size
        kind = _KINDS.get(letters)
        if kind is None or plain > _MOST_BYTES or offset + stored > size_bytes:
            return
        yield Chunk(kind, Moment(*begins), offset, stored, plain, checksum)
        offset += stored
