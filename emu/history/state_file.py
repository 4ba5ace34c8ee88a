"""The file that holds a tree: a line that says what it is, and all else compressed.

    w800emu <state|recording> 1 <version of the emulator> <bytes that follow> <SHA-256 of them>\n
    Zstandard frame of: length of the text, text (encoding.py), number of blobs, their lengths, the blobs

Lengths are 64-bit words, little endian.
"""

from __future__ import annotations

import hashlib
import re
import struct
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from emu import zstd
from emu.history.encoding import Encoder, StateEncodingError, decode
from emu.loader.errors import Origin
from emu.loader.files import read_file, write_atomically
from emu.version import __version__

FORMAT: Final = 1
_HEADER = re.compile(rb"w800emu (\w+) (\d+) (\S+) (\d+) ([0-9a-f]{64})\n")
_LONGEST_HEADER_BYTES: Final = 200
_MOST_BYTES: Final = 1 << 30
_WORD = struct.Struct("<Q")


class FileKind(StrEnum):
    """What a file holds."""

    STATE = "state"
    RECORDING = "recording"

    @property
    def written_by(self) -> str:
        """The option that writes one."""
        return "--save-state" if self is FileKind.STATE else "--record"


def write_tree(path: Path, kind: FileKind, tree: Any) -> None:
    """Write a tree to a file, at once or not at all; LoadError if it cannot be written."""
    body = zstd.compress(pack_tree(tree))
    header = f"w800emu {kind} {FORMAT} {__version__} {len(body)} {hashlib.sha256(body).hexdigest()}\n"
    write_atomically(path, header.encode() + body)


def pack_tree(tree: Any) -> bytes:
    """A tree as bytes."""
    encoder = Encoder()
    text = encoder.text(tree).encode()
    sizes = [len(blob) for blob in encoder.blobs]
    words = struct.pack(f"<{len(sizes) + 1}Q", len(sizes), *sizes)
    return b"".join([_WORD.pack(len(text)), text, words, *encoder.blobs])


def read_tree(path: Path, kind: FileKind) -> Any:
    """The tree of a file; LoadError if it is none, damaged, or of another version."""
    data, origin = read_file(path), Origin(path.name)
    header = _HEADER.match(data[:_LONGEST_HEADER_BYTES])
    if header is None or header[1].decode() != kind:
        raise origin.error("magic", f"not 'w800emu {kind}': give a file that {kind.written_by} has written")
    if int(header[2]) != FORMAT:
        raise origin.error("format", f"{int(header[2])} is not {FORMAT}, which this emulator reads")
    made_by = header[3].decode("ascii", "replace")
    if made_by != __version__:
        raise origin.error(
            "version", f"saved by w800emu {made_by}: this is {__version__}, load it with that one"
        )
    body = data[header.end() :]
    behind = origin.at(header.end())
    if len(body) != int(header[4]):
        raise behind.error("length", f"{len(body):,} bytes instead of {int(header[4]):,}: save it anew")
    if hashlib.sha256(body).hexdigest() != header[5].decode():
        raise behind.error("SHA-256", "does not fit: the file is damaged, save it anew")
    try:
        return unpack_tree(_decompressed(body))
    except (StateEncodingError, zstd.ZstdError) as error:
        raise behind.error("contents", f"cannot be read ({error}): save it anew") from None


def _decompressed(body: bytes) -> bytes:
    size_bytes = zstd.get_frame_info(body).decompressed_size
    if size_bytes is None or size_bytes > _MOST_BYTES:
        raise StateEncodingError(f"{size_bytes} bytes are no state")
    return zstd.decompress(body)


def unpack_tree(data: bytes) -> Any:
    """The tree that `pack_tree` has packed; StateEncodingError for anything else."""
    try:
        return _unpacked(data)
    except struct.error as error:
        raise StateEncodingError(str(error)) from None


def _unpacked(data: bytes) -> Any:
    (length,) = _WORD.unpack_from(data)
    text, at = data[_WORD.size : _WORD.size + length], _WORD.size + length
    (count,) = _WORD.unpack_from(data, at)
    if count > len(data):
        raise StateEncodingError(f"{count} blobs")
    sizes = struct.unpack_from(f"<{count}Q", data, at + _WORD.size)
    at += _WORD.size * (count + 1)
    if at + sum(sizes) != len(data):
        raise StateEncodingError(f"{len(data) - at} bytes in blobs instead of {sum(sizes)}")
    blobs = []
    for size in sizes:
        blobs.append(data[at : at + size])
        at += size
    try:
        return decode(text.decode(), blobs)
    except UnicodeDecodeError as error:
        raise StateEncodingError(str(error)) from None
