"""The flow as translated code notes it: each block stores its entry where the host's SP points.

Nothing else uses SP, so this takes three instructions a block, and no register.
"""

from __future__ import annotations

from typing import Final

from emu.dbt import a64
from emu.dbt.discovery import Block
from emu.dbt.host import PAGE_BYTES, Host
from emu.dbt.host_registers import STACK_POINTER
from emu.dbt.regmap import TEMPORARIES
from emu.engine.contract import MemoryRegion
from emu.engine.flow import ACTIVE, ENTRY_BYTES, FALLS, Flow, ends_line

FLOW_BASE: Final = 0x1_8030_0000
"""Its first pages are not over the TLB entries of RAM and devices: ADR 3."""
_SP: Final = 31


class HostFlow(Flow):
    """A flow in the host's memory, with its position in the host's SP.

    An engine runs so long that ACTIVE entries are enough, and on to a check point: past each instruction once
    more, at most.
    """

    def __init__(self, host: Host, memories: tuple[MemoryRegion, ...]) -> None:
        entries = ACTIVE + sum(len(memory.buffer) // 2 for memory in memories)
        size_bytes = -(-entries * ENTRY_BYTES // PAGE_BYTES) * PAGE_BYTES
        self._host = host
        super().__init__(memoryview(host.map_data(FLOW_BASE, size_bytes)).cast("I"))
        self.position = 0

    @property
    def position(self) -> int:
        """See `Flow.position`."""
        return (self._host.read_register(STACK_POINTER) - FLOW_BASE) // ENTRY_BYTES

    @position.setter
    def position(self, position: int) -> None:
        self._host.write_register(STACK_POINTER, FLOW_BASE + ENTRY_BYTES * position)


def note_block(block: Block) -> tuple[int, ...]:
    """The instrument: host words that add a block."""
    entry = TEMPORARIES[0]
    falls = 0 if ends_line(block.instructions[-1].insn) else FALLS
    return (*a64.constant(entry, block.start | falls), a64.str_post(entry, _SP, ENTRY_BYTES, 4))
