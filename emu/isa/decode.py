"""From bits to `Insn`: one entry per first halfword, made when that halfword is first met.

A 16-bit form is its own entry. For a 32-bit form the entry lists the masks of the second halfword, most
specific first, each with the rows keyed by the masked second halfword.
"""

from __future__ import annotations

from functools import cache

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
        self._rows_by_mask = cache(self._made_rows_by_mask)
        self._entry_of = cache(self._made_entry)

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
        """Found by which patterns of a first halfword fit: a few hundred entries serve all halfwords."""
        by_mask = self._rows_by_mask(halfword0 >> 12)
        patterns = tuple((mask, halfword0 & mask) for mask in by_mask if halfword0 & mask in by_mask[mask])
        return self._entry_of(halfword0 >> 12, patterns)

    def _made_entry(self, top_bits: int, patterns: tuple[tuple[int, int], ...]) -> Entry:
        by_mask = self._rows_by_mask(top_bits)
        fitting = [row for mask, bits in patterns for row in by_mask[mask][bits]]
        fitting.sort(key=_specificity, reverse=True)
        if size_bytes(top_bits << 12) == 2:
            return fitting[0] if fitting else []
        by_second: dict[int, dict[int, Insn]] = {}
        for row in fitting:
            by_second.setdefault(row.mask & 0xFFFF, {}).setdefault(row.match & 0xFFFF, row)
        return list(by_second.items())

    def _made_rows_by_mask(self, top_bits: int) -> dict[int, dict[int, list[Insn]]]:
        """The rows with these first four bits, by the mask of their first halfword and what it leaves."""
        by_mask: dict[int, dict[int, list[Insn]]] = {}
        for row in self._table.group(top_bits << 12):
            shift = row.size_bytes * 8 - 16
            by_mask.setdefault(row.mask >> shift, {}).setdefault(row.match >> shift, []).append(row)
        return by_mask


def _specificity(row: Insn) -> int:
    return row.mask.bit_count()


assert INSNS
_DECODER = Decoder(TABLE)
decode = _DECODER.decode
match = _DECODER.match
