"""Memory of a part, as snapshots hold it: in pages, of which those that have not changed are shared."""

from __future__ import annotations

from peripherals.framework.page_copies import PAGE_BYTES, PageCopies, Pages


class Memory:
    """Bytes that a part keeps; changes go through `store` and `put`."""

    def __init__(self, size_bytes: int, fill: int = 0) -> None:
        self.data = bytearray([fill]) * size_bytes
        self._copies = PageCopies(self.data)
        self._changed_pages = self._copies.changed_pages

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, offset: int) -> int:
        return self.data[offset]

    def put(self, offset: int, byte: int) -> None:
        """Put one byte there: `store`, faster."""
        self.data[offset] = byte
        self._changed_pages.add(offset // PAGE_BYTES)

    def store(self, offset: int, data: bytes) -> None:
        """Put bytes there."""
        self.data[offset : offset + len(data)] = data
        self._copies.changed(offset, len(data))

    def save(self) -> Pages:
        """Take a snapshot."""
        return self._copies.take()

    def restore(self, pages: Pages) -> None:
        """Go back to a snapshot; ValueError for one of another size."""
        for offset, page in self._copies.differences(pages):
            self.store(offset, page)
