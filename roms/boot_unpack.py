"""Unpacking as the bootloader's decoder does it: rounds that end when a buffer of 32 KB is full or empty.

Each round prints a dot, so rounds have to end where those of the real decoder (xz-embedded) end.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

BUFFER_SIZE: Final = 0x8000
"""Input buffer, output buffer and the largest dictionary."""

_XZ_MAGIC: Final = b"\xfd7zXZ\0"
_XZ_STREAM_HEADER_SIZE: Final = 12
_XZ_HEADERS_SIZE: Final = _XZ_STREAM_HEADER_SIZE + 1024  # the longest block header there can be
_XZ_CHECK_CRC32: Final = 1
_LZMA2_FILTER: Final = b"\x21\x01"  # number of the filter, size of its properties
_LZMA2_LARGEST: Final = 39


class Code(IntEnum):
    """How a round ended, with the numbers of xz-embedded."""

    OK = 0
    END = 1
    MEMORY_LIMIT = 4
    FORMAT = 5
    OPTIONS = 6
    DATA = 7
    BUFFER = 8


@dataclass(frozen=True, slots=True)
class Round:
    """One round: `block` is what it has to write, empty while the output buffer is not full."""

    code: Code
    block: bytes = b""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...

    def decode(self, data: bytes, room: int) -> bytes:
        """Take input and give at most `room` bytes; input that is left over is kept."""
        ...

    @property
    def wants_input(self) -> bool: ...


def unxz(read: Callable[[int, int], bytes], size_bytes: int) -> Iterator[Round]:
    """Unpack an xz stream; `read` gives (offset, size) bytes of it."""
    problem = _problem_of_xz(read(0, min(size_bytes, _XZ_HEADERS_SIZE)))
    if problem is not Code.OK:
        return iter([Round(problem)])
    return _rounds(_Xz(), read, size_bytes)


def gunzip(read: Callable[[int, int], bytes], size_bytes: int) -> Iterator[Round]:
    """Unpack a gzip stream; `read` gives (offset, size) bytes of it."""
    return _rounds(_Gzip(), read, size_bytes)


def _rounds(decoder: _Decoder, read: Callable[[int, int], bytes], size_bytes: int) -> Iterator[Round]:
    offset, output, idle_rounds = 0, b"", 0
    while not decoder.eof:
        chunk = b""
        if decoder.wants_input:
            chunk = read(offset, min(BUFFER_SIZE, size_bytes - offset)) if offset < size_bytes else b""
            offset += len(chunk)
        try:
            decoded = decoder.decode(chunk, BUFFER_SIZE - len(output))
        except (lzma.LZMAError, zlib.error):
            yield Round(Code.DATA)
            return
        output += decoded
        idle_rounds = 0 if chunk or decoded or decoder.eof else idle_rounds + 1
        if idle_rounds > 1:  # the first round without input and output is forgiven
            yield Round(Code.BUFFER)
            return
        full = len(output) == BUFFER_SIZE or decoder.eof
        yield Round(Code.END if decoder.eof else Code.OK, output if full else b"")
        output = b"" if full else output


class _Xz:
    def __init__(self) -> None:
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def wants_input(self) -> bool:
        return self._decoder.needs_input

    def decode(self, data: bytes, room: int) -> bytes:
        return self._decoder.decompress(data, room)


class _Gzip:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def wants_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    def decode(self, data: bytes, room: int) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, room)


def _problem_of_xz(data: bytes) -> Code:
    """What the decoder refuses in the headers: another format, check or filter, too large a dictionary."""
    if len(data) < _XZ_STREAM_HEADER_SIZE:  # the decoder waits for more
        return Code.OK
    if not data.startswith(_XZ_MAGIC):
        return Code.FORMAT
    flags = data[6:8]
    if zlib.crc32(flags) != int.from_bytes(data[8:_XZ_STREAM_HEADER_SIZE], "little"):
        return Code.DATA
    if flags[0] or flags[1] > _XZ_CHECK_CRC32:
        return Code.OPTIONS
    return _problem_of_block(data[_XZ_STREAM_HEADER_SIZE:])


def _problem_of_block(data: bytes) -> Code:
    size = (data[0] + 1) * 4 if data else 0
    if not 4 < size <= len(data):  # an index, as the stream is empty; or the decoder waits for more
        return Code.OK
    header, stored = data[: size - 4], data[size - 4 : size]
    if zlib.crc32(header) != int.from_bytes(stored, "little"):
        return Code.DATA
    block_flags, position = header[1], 2
    if block_flags & 0x3F:  # more than one filter, or reserved bits
        return Code.OPTIONS
    for present in (block_flags & 0x40, block_flags & 0x80):  # compressed size, uncompressed size
        if present:
            position = _after_number(header, position)
    dictionary = header[position + 2 : position + 3]
    if header[position : position + 2] != _LZMA2_FILTER or not dictionary or dictionary[0] > _LZMA2_LARGEST:
        return Code.OPTIONS
    code = dictionary[0]
    return Code.OK if (2 | code & 1) << code // 2 + 11 <= BUFFER_SIZE else Code.MEMORY_LIMIT


def _after_number(data: bytes, position: int) -> int:
    """The position behind a number of 7-bit groups."""
    while position < len(data) and data[position] & 0x80:
        position += 1
    return position + 1
