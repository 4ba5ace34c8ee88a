"""The blocks that were executed last: what the recent branches are found from."""

from __future__ import annotations

ENTRIES = 2048
TRAIL_BYTES = 8 * ENTRIES
MARK = 1
"""Added to the address of an entry that is no block; those of instructions are even."""
LEFT = 0
"""Second part of such an entry: the block before was left at this address, which was not executed."""
EXCEPTION = 1
"""Second part of such an entry: an exception was entered from this address."""


class Trail:
    """A ring of entries; a block is the addresses of its first and last instruction."""

    def __init__(self, ring: memoryview | None = None) -> None:
        self._ring = ring or memoryview(bytearray(TRAIL_BYTES)).cast("Q")
        self._position = 0

    @property
    def position(self) -> int:
        """Where the next entry goes."""
        return self._position

    @position.setter
    def position(self, position: int) -> None:
        self._position = position

    def block(self, first: int, last: int) -> None:
        """These instructions are, or will be, executed one after another."""
        position = self.position
        self._ring[position] = first | last << 32
        self.position = (position + 1) % ENTRIES

    def mark(self, address: int, kind: int) -> None:
        """Add something else: LEFT or EXCEPTION."""
        self.block(address | MARK, kind)

    def save(self) -> list[tuple[int, int]]:
        """Take a snapshot: the entries."""
        return self.entries()

    def restore(self, snapshot: list[tuple[int, int]] | None) -> None:
        """Go back to a snapshot of any trail; None, of a machine that had none: begin anew."""
        entries = [first | second << 32 for first, second in snapshot or ()]
        self._ring[:] = memoryview(bytearray(TRAIL_BYTES)).cast("Q")
        for number, entry in enumerate(entries):
            self._ring[number] = entry
        self.position = len(entries) % ENTRIES

    def entries(self) -> list[tuple[int, int]]:
        """The latest entries in their order."""
        ring, position = self._ring.tolist(), self.position
        return [(entry & 0xFFFF_FFFF, entry >> 32) for entry in ring[position:] + ring[:position] if entry]
