"""What a trace begins with: the machine that it is of."""

from __future__ import annotations

from emu.history.state_file import pack_tree
from emu.machine.machine import Machine


def setup_chunk(machine: Machine) -> bytes:
    """What it was made from, and its memories: see `Memory`."""
    memories = [(each.name, each.base, len(each.buffer), each.cost) for each in machine.board.bus.regions]
    return pack_tree({"made_from": machine._made_from, "memories": memories})
