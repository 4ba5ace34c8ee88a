"""Files of parts: images that memories begin with, and what parts hold, written at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emu.loader import LoadError, write_atomically
from emu.loader.files import read_file
from emu.parts.errors import PartError
from emu.parts.part import Part

if TYPE_CHECKING:
    from emu.machine.machine import Machine

PIECE_BYTES: Final = 0x1_0000


def load_part(part: Part, path: Path | str) -> None:
    """Put the bytes of a file into a memory, from its beginning on; recordings hold them.

    LoadError if the file cannot be read or is too long, or the part is no memory.
    """
    load: Callable[[int, bytes], None] | None = getattr(part, "load", None)
    if load is None:
        raise LoadError(f"{part.name}: a {part.kind} takes no image")
    data, size_bytes = read_file(Path(path)), len(part.as_file())
    if len(data) > size_bytes:
        raise LoadError(f"{path}: {len(data):,} bytes, and {part.name} has {size_bytes:,}")
    for offset, piece in _pieces(data, part.as_file()):
        load(offset, piece)


def check_holds(machine: Machine, name: str) -> None:
    """Find out before a run whether a part holds anything; MachineError for no part, LoadError otherwise."""
    part = machine.parts[name]
    if type(part).as_file is Part.as_file:
        raise LoadError(f"{name}: a {part.kind} holds nothing for a file")


def write_part(machine: Machine, name: str, path: Path | str) -> None:
    """Write what a part holds, at once or not at all: a memory's bytes, the WAV file of a recorder.

    LoadError for a part that holds nothing, or a file that cannot be written.
    """
    try:
        content = machine.parts[name].as_file()
    except PartError as error:
        raise LoadError(str(error)) from None
    write_atomically(Path(path), content)


def _pieces(data: bytes, there: bytes) -> Iterator[tuple[int, bytes]]:
    """The pieces that are not there yet: most of a card is empty."""
    for offset in range(0, len(data), PIECE_BYTES):
        piece = data[offset : offset + PIECE_BYTES]
        if piece != there[offset : offset + len(piece)]:
            yield offset, piece
