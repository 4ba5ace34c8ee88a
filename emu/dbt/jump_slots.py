"""Where code is best put for the computed jumps that land in it.

Unicorn finds what a computed jump leads to in a cache that has 64 slots for a page: bits 5..0 of the address,
exclusive-or bits 13..8 (QEMU 5.0, `tb_jmp_cache_hash_func`, with pages of 16 KiB). So blocks 64 bytes apart
mostly share one, and a jump whose slot another one has taken costs some 15 ns more.
"""

from __future__ import annotations

from collections.abc import Collection

from emu.dbt.host import PAGE_BYTES

SLOTS = 64
_STEP_BYTES, _TRIES = 80, 4  # not 64: bits 7..6 do not count
ROOM_BYTES = _STEP_BYTES * (_TRIES - 1)
"""So much further code may be put."""


class JumpSlots:
    """The slots that landings have taken in the page that is being filled."""

    def __init__(self) -> None:
        self._page = 0
        self._landings = 0
        self._taken: set[int] = set()

    def place(self, free: int, words: Collection[int]) -> int:
        """Choose a base at `free`, or a little behind, where landings at these words share few slots."""
        if free // PAGE_BYTES != self._page:
            self._page, self._landings, self._taken = free // PAGE_BYTES, 0, set()
        self._landings += len(words)
        if self._landings > SLOTS:  # they will share, wherever they are
            return free
        best, most, offsets = free, set[int](), [4 * word for word in words]
        for base in range(free, free + ROOM_BYTES + 1, _STEP_BYTES):
            free_slots = {(base + at ^ base + at >> 8) % SLOTS for at in offsets} - self._taken
            if len(free_slots) > len(most):
                best, most = base, free_slots
            if len(most) == len(words):  # none is better
                break
        self._taken |= most
        return best
