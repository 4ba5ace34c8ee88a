"""`PageCopies`: what snapshots hold of a memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

PAGE_BYTES: Final = 0x1000
_LINE_BYTES: Final = 64
_ZEROS: Final = bytes(PAGE_BYTES)

Pages = tuple[bytes, ...]
"""A copy of a memory; the last page may be shorter."""


class PageCopies:
    """Copies a memory in pages; those that have not changed meanwhile are the same objects in all copies.

    It has to hear of changes, one by one by `changed`, or by `compare`.
    """

    def __init__(self, memory: bytearray | memoryview) -> None:
        self._memory = memory
        self._count = -(-len(memory) // PAGE_BYTES)
        self.changed_pages = set(range(self._count))
        """Their numbers: what `changed` adds to, for who changes single bytes again and again."""
        self._latest: list[bytes] = []  # as the memory is, but for the changed pages

    def changed(self, offset: int, size_bytes: int) -> None:
        """Learn that these bytes may have changed."""
        first, end = offset // PAGE_BYTES, -(-(offset + size_bytes) // PAGE_BYTES)
        if end == first + 1:
            self.changed_pages.add(first)
        else:
            self.changed_pages.update(range(first, end))

    def compare(self) -> None:
        """Find what has changed."""
        for number, page in enumerate(self._latest):
            if self._page(number) != page:
                self.changed_pages.add(number)

    def take(self) -> Pages:
        """Copy the memory."""
        latest = self._latest = self._latest or [b""] * self._count
        for number in self.changed_pages:
            latest[number] = self._page(number)
        self.changed_pages.clear()
        return tuple(latest)

    def differences(self, pages: Pages) -> Iterator[tuple[int, bytes]]:
        """Give (offset, bytes) of what the memory does not hold, to the line: code beside data stays known.

        ValueError if it is the copy of a memory of another size.
        """
        if (size_bytes := sum(map(len, pages))) != len(self._memory):
            raise ValueError(f"a snapshot of {size_bytes:,} bytes for a memory of {len(self._memory):,}")
        for number, (page, now) in enumerate(zip(pages, self.take(), strict=True)):
            if page is not now and page != now:
                for begin, end in _differing(page, now):
                    yield number * PAGE_BYTES + begin, page[begin:end]

    def _page(self, number: int) -> bytes:
        page = bytes(self._memory[number * PAGE_BYTES : (number + 1) * PAGE_BYTES])
        return _ZEROS if page == _ZEROS else page  # most of a card is empty


def _differing(page: bytes, other: bytes) -> Iterator[tuple[int, int]]:
    """Where two pages of a size differ: begin and end of each piece, whole lines."""
    begin: int | None = None
    for at in range(0, len(page), _LINE_BYTES):
        if page[at : at + _LINE_BYTES] == other[at : at + _LINE_BYTES]:
            if begin is not None:
                yield begin, at
            begin = None
        elif begin is None:
            begin = at
    if begin is not None:
        yield begin, len(page)
