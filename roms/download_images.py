"""Placing images as they come in: headers and bodies go to where they say, into sectors erased before."""

from __future__ import annotations

import zlib
from typing import Final

from emu.loader.image import HEADER_SIZE, HEADER_TO_BODY, MAGIC, SIGNATURE_SIZE, ImageHeader
from emu.memory_map import FLASH_BASE, SRAM_BASE, SRAM_SIZE_BYTES
from peripherals.nor_flash import ERASED, PAGE_SIZE, SECTOR_SIZE
from roms.boot_chip import BootChip, Start, Verdict
from roms.download_errors import DownloadError, Letter

OWN_RAM_END: Final = SRAM_BASE + 0x4000
"""The mask ROM's stack and heap are below (rom.rst)."""
_MAGIC_BYTES: Final = MAGIC.to_bytes(4, "little")
_BLOCK_SIZE: Final = 0x1_0000
_ERASE_BLOCKS: Final = 1 << 18
_ERASE_ALWAYS: Final = 1 << 19


class ImageWriter:
    """Takes a stream of images end to end, until something comes that is none: the padding."""

    def __init__(self, chip: BootChip) -> None:
        self.started: Start | None = None
        """What to go on in: an image in RAM."""
        self._chip = chip
        self._pending = b""
        self._images = 0
        self._body: _Body | None = None
        self._is_over = False

    def write(self, data: bytes) -> None:
        """Take what comes next; DownloadError for an image that is refused."""
        self._pending += data
        while not self._is_over and self._advance():
            pass

    def finish(self) -> None:
        """The stream is over."""
        if self._body is not None:
            raise DownloadError(Letter.INCOMPLETE, f"the image ends {self._body.missing:,} bytes early")
        if not self._images:
            raise DownloadError(Letter.INCOMPLETE, "no image has come")

    def _advance(self) -> bool:
        """Use up what is pending; False if that has to wait for more."""
        if self._body is None:
            return self._begin()
        self._pending = self._body.take(self._pending)
        if self._body.missing:
            return False
        self._body.finish()
        if self._body.is_in_ram:
            entry = self._chip.memory.read(self._body.header.run_address, 4)
            self.started = Start(
                self._body.header.run_address, int.from_bytes(entry, "little"), self._body.header
            )
        self._body = None
        self._images += 1
        return True

    def _begin(self) -> bool:
        if len(self._pending) >= 4 and not self._pending.startswith(_MAGIC_BYTES):
            if not self._images:
                raise DownloadError(Verdict.BAD_HEADER, "what has come begins with no image")
            self._is_over = True
            return False
        if len(self._pending) < HEADER_SIZE:
            return False
        header = ImageHeader.unpack(self._pending[:HEADER_SIZE])
        self._pending = self._pending[HEADER_SIZE:]
        verdict = _judge(self._chip, header)
        if verdict is not Verdict.GOOD:
            where = f"the image for {header.run_address:#010x}"
            raise DownloadError(verdict, f"{where} is refused: {verdict.meaning}")
        self._body = _Body(self._chip, header)
        return True


def _judge(chip: BootChip, header: ImageHeader) -> Verdict:
    if header.header_crc != header.computed_crc:
        return Verdict.BAD_HEADER
    address, size = header.run_address, header.body_size + (SIGNATURE_SIZE if header.is_signed else 0)
    if FLASH_BASE <= address < FLASH_BASE + chip.flash.size_bytes:
        end = FLASH_BASE + chip.flash.size_bytes
    elif OWN_RAM_END <= address < SRAM_BASE + SRAM_SIZE_BYTES:
        end = SRAM_BASE + SRAM_SIZE_BYTES
    else:
        return Verdict.BAD_ADDRESS
    if address % HEADER_TO_BODY:
        return Verdict.NOT_ALIGNED
    return Verdict.GOOD if 0 < size <= end - address else Verdict.TOO_LARGE


class _Body:
    """The body of one image, with its signature, on the way to its place."""

    def __init__(self, chip: BootChip, header: ImageHeader) -> None:
        self.header = header
        self.missing = header.body_size + (SIGNATURE_SIZE if header.is_signed else 0)
        self._chip = chip
        self._crc = 0
        self._unchecked = header.body_size  # how much of what is missing the checksum is about
        self._address = header.run_address
        self._page = b""
        self._erased: set[int] = set()  # sectors, by their offsets
        flash_end = FLASH_BASE + chip.flash.size_bytes
        if FLASH_BASE <= header.header_address <= flash_end - HEADER_SIZE:  # data images have none there
            self._program(header.header_address - FLASH_BASE, header.pack())

    @property
    def is_in_ram(self) -> bool:
        """Whether it is to be started."""
        return self.header.run_address >= SRAM_BASE

    def take(self, data: bytes) -> bytes:
        """Store what belongs to it; the rest is returned."""
        part, rest = data[: self.missing], data[self.missing :]
        self.missing -= len(part)
        checked = part[: self._unchecked]
        self._crc = zlib.crc32(checked, self._crc)
        self._unchecked -= len(checked)
        if self.is_in_ram:
            self._chip.memory.write(self._address, part)
            self._address += len(part)
        else:
            self._store(part)
        return rest

    def finish(self) -> None:
        """All has come: write what is left, and judge it."""
        self._store_page()
        if self._crc ^ 0xFFFF_FFFF != self.header.body_crc:
            where = f"the image for {self.header.run_address:#010x}"
            raise DownloadError(Verdict.BAD_BODY, f"{where}: {Verdict.BAD_BODY.meaning}")

    def _store(self, data: bytes) -> None:
        """Program page by page; addresses of images are multiples of pages."""
        self._page += data
        while len(self._page) >= PAGE_SIZE:
            page, self._page = self._page[:PAGE_SIZE], self._page[PAGE_SIZE:]
            self._program(self._address - FLASH_BASE, page)
            self._address += PAGE_SIZE

    def _store_page(self) -> None:
        if self._page:
            self._program(self._address - FLASH_BASE, self._page)

    def _program(self, offset: int, data: bytes) -> None:
        if offset // SECTOR_SIZE * SECTOR_SIZE not in self._erased:
            self._erase(offset // SECTOR_SIZE * SECTOR_SIZE)
        self._chip.flash.program_page(offset, data)

    def _erase(self, offset: int) -> None:
        """Erase what the next page is in: 64 KB where the header allows it and all of it is the image's."""
        left = self.missing + len(self._page)
        is_block = self.header.attribute & _ERASE_BLOCKS and offset % _BLOCK_SIZE == 0 and left >= _BLOCK_SIZE
        size = _BLOCK_SIZE if is_block else SECTOR_SIZE
        self._erased.update(range(offset, offset + size, SECTOR_SIZE))
        is_erased = self._chip.flash.read(offset, size).count(ERASED) == size
        if is_erased and not self.header.attribute & _ERASE_ALWAYS:
            return
        if is_block:
            self._chip.flash.erase_block(offset)
        else:
            self._chip.flash.erase_sector(offset)
