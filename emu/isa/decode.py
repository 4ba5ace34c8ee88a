"""From bits to `Insn`: one entry per first halfword, made when that halfword is first met.

A 16-bit form is its own entry. For a 32-bit form the entry lists the masks of the second halfword, most
specific first, each with the rows keyed by the masked second halfword.
"""

from __future__ import annotations

from emu.isa.insn import TABLE, Insn, InsnTable
from emu.isa.table import INSNS

Entry = Insn | list[tuple[int, dict[int, Insn]]]


def size_bytes(halfword0: int) -> int:
    """Give the size of the instruction that starts with `halfword0`, declared or not."""
    return 4 if halfword0 >= 0xC000 else 2


class Decoder:
    """Looks up the rows of a table."""

    def __init__(self, table: InsnTable) -> None:
        self._table = table
        self._entries: list[Entry | None] = [None] * 0x1_0000

    def decode(self, halfword0: int, halfword1: int) -> Insn | None:
        """Find the instruction; None if undefined. The second halfword of a 16-bit form is ignored."""
        row = self.match(halfword0, halfword1)
        if row is None or not row.restricted:
            return row
        word = halfword0 if row.size_bytes == 2 else halfword0 << 16 | halfword1
        return row if row.is_defined(word) else None

    def match(self, halfword0: int, halfword1: int) -> Insn | None:
        """Find the row whose pattern fits, whether or not its fields hold something that exists."""
        entry = self._entries[halfword0]
        if entry is None:
            entry = self._entries[halfword0] = self._entry(halfword0)
        if isinstance(entry, Insn):
            return entry
        for mask, rows in entry:
            row = rows.get(halfword1 & mask)
            if row is not None:
                return row
        return None

    def _entry(self, halfword0: int) -> Entry:
        group = self._table.group(halfword0)
        if size_bytes(halfword0) == 2:
            fitting = [row for row in group if halfword0 & row.mask == row.match]
            return max(fitting, key=_specificity, default=[])
        fitting = [row for row in group if halfword0 & row.mask >> 16 == row.match >> 16]
        by_mask: dict[int, dict[int, Insn]] = {}
        for row in sorted(fitting, key=_specificity, reverse=True):
            by_mask.setdefault(row.mask & 0xFFFF, {}).setdefault(row.match & 0xFFFF, row)
        return list(by_mask.items())


def _specificity(row: Insn) -> int:
    return row.mask.bit_count()


assert INSNS
_DECODER = Decoder(TABLE)
decode = _DECODER.decode
match = _DECODER.match
