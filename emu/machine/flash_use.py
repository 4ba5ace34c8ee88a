"""What parts of the flash are for: partitions and images."""

from __future__ import annotations

from collections.abc import Iterator

from emu.inspect.back_trace import BackTrace
from emu.inspect.program_view import ProgramView
from emu.loader import ImageHeader, LoadError
from emu.loader.errors import Origin
from emu.loader.image import HEADER_SIZE, MAGIC
from emu.loader.partition_table import TABLE_OFFSET, Partition, read_entries
from emu.loader.recognise import BOOTLOADER_OFFSET
from emu.machine.board import Board
from emu.memory_map import FLASH_BASE
from emu.report.calls import Frame
from peripherals.nor_flash import SECTOR_SIZE

_LONGEST_CHAIN = 8


def calls_now(board: Board, view: ProgramView) -> tuple[Frame, ...]:
    """The instruction at pc and its callers, innermost first, while the core does not run."""
    state = board.core.state
    return BackTrace(view).find(state.pc, dict(enumerate(state.r)))


class FlashUse:
    """Looks at the flash as it is; images that are being replaced stay known until there are others."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._partitions: tuple[Partition, ...] | None = None
        self._images: tuple[tuple[range, range], ...] = ()
        board.flash.changed.internal.append(self._changed)

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """Those of the table in the flash; none if there is no table."""
        if self._partitions is None:
            table = bytes(self._board.flash.contents[TABLE_OFFSET : TABLE_OFFSET + SECTOR_SIZE])
            try:
                self._partitions = read_entries(table, Origin("partition table"))
            except LoadError:
                self._partitions = ()
        return self._partitions

    def partition_at(self, offset: int) -> Partition | None:
        """The partition that an offset belongs to."""
        return next((each for each in self.partitions if each.offset <= offset < each.end), None)

    def images(self) -> tuple[tuple[range, range], ...]:
        """Offsets of header and body of each image that the mask ROM and the bootloader know."""
        found = tuple(self._find_images())
        if len(found) >= len(self._images):
            self._images = found
        return self._images

    def _find_images(self) -> Iterator[tuple[range, range]]:
        """From the bootloader along the addresses of next headers."""
        offset = BOOTLOADER_OFFSET
        for _ in range(_LONGEST_CHAIN):
            data = bytes(self._board.flash.contents[offset : offset + HEADER_SIZE])
            header = ImageHeader.unpack(data.ljust(HEADER_SIZE, b"\0"))
            if header.magic != MAGIC:
                return
            body = header.run_address - FLASH_BASE
            yield range(offset, offset + HEADER_SIZE), range(body, body + header.body_size)
            offset = header.next_header_address - FLASH_BASE
            if not 0 <= offset < self._board.flash.size_bytes:
                return

    def _changed(self, offset: int, size_bytes: int) -> None:
        if offset < TABLE_OFFSET + SECTOR_SIZE and offset + size_bytes > TABLE_OFFSET:
            self._partitions = None
