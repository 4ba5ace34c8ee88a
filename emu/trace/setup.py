"""What a trace begins with: the machine that it is of."""

from __future__ import annotations

from typing import Any

from emu.history.encoding import StateEncodingError
from emu.history.state_file import pack_tree, unpack_tree
from emu.loader.errors import LoadError, Origin
from emu.machine.machine import Machine
from emu.trace.chunks import Chunk, ChunkFile, ChunkKind, Moment


def setup_chunk(machine: Machine) -> bytes:
    """What it was made from, and its memories: see `Memory`."""
    memories = [(each.name, each.base, len(each.buffer), each.cost) for each in machine.board.bus.regions]
    return pack_tree({"made_from": machine._made_from, "memories": memories})


def setup_in(file: ChunkFile) -> tuple[Moment, dict[str, Any]]:
    """Where the trace begins, and what `setup_chunk` has packed; LoadError if it is not there, or damaged."""
    for chunk in file.of(ChunkKind.SETUP):
        return chunk.begins, tree_in(file, chunk)
    raise Origin(file.path.name).error("setup", "missing: it was cut off before anything ran")


def tree_in(file: ChunkFile, chunk: Chunk) -> Any:
    """The tree that a chunk holds; LoadError if it is damaged."""
    try:
        return unpack_tree(file.read(chunk))
    except StateEncodingError as error:
        raise LoadError(f"{file.path.name}: {chunk.kind} cannot be read ({error})") from None
