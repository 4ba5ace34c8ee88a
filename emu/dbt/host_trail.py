"""The trail that translated code leaves: each block stores its addresses where the host's SP points.

Nothing else uses SP, so this takes seven instructions a block, and no register.
"""

from __future__ import annotations

from emu.dbt import a64
from emu.dbt.discovery import Block
from emu.dbt.host import CODE_BASE, STACK_POINTER, Host
from emu.dbt.regmap import TEMPORARIES
from emu.engine.trail import TRAIL_BYTES, Trail

TRAIL_BASE = CODE_BASE - 2 * TRAIL_BYTES
_SP = 31
_WRAP = (1 << 64) - 1 ^ TRAIL_BYTES  # the base is a multiple of twice the size


class HostTrail(Trail):
    """A trail in the host's memory, with its position in the host's SP."""

    def __init__(self, host: Host) -> None:
        super().__init__(memoryview(host.map_data(TRAIL_BASE, TRAIL_BYTES)).cast("Q"))
        self._host = host
        self.position = 0

    @property
    def position(self) -> int:
        """See `Trail.position`."""
        return (self._host.read_register(STACK_POINTER) - TRAIL_BASE) // 8

    @position.setter
    def position(self, position: int) -> None:
        self._host.write_register(STACK_POINTER, TRAIL_BASE + 8 * position)


def note_block(block: Block) -> tuple[int, ...]:
    """The instrument: host words that add a block."""
    first, last = block.start, block.instructions[-1].pc
    entry, following = TEMPORARIES[:2]
    wrap = a64.logic_imm(a64.AND_IMM, _SP, following, _WRAP, True)
    assert wrap is not None
    return (
        a64.movz(entry, first & 0xFFFF, 0, True),
        a64.movk(entry, first >> 16, 16, True),
        a64.movk(entry, last & 0xFFFF, 32, True),
        a64.movk(entry, last >> 16, 48, True),
        a64.str_(entry, _SP, 0, 8),
        a64.add_imm(following, _SP, 8, True),
        wrap,
    )
