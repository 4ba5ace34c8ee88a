"""How second bootloaders write flash: by sectors, read, erased and programmed again whatever they hold."""

from __future__ import annotations

from emu.loader.image import HEADER_SIZE, SIGNATURE_SIZE, ImageHeader
from peripherals.nor_flash import PAGE_SIZE, SECTOR_SIZE
from roms.boot_chip import BootChip, flash_offset


def write_flash(chip: BootChip, offset: int, data: bytes) -> None:
    """Replace bytes in flash; what else their sectors hold is written back. Nothing goes behind its end."""
    while data and offset < chip.flash.size_bytes:
        start = offset % SECTOR_SIZE
        part = data[: SECTOR_SIZE - start]
        chip.watcher.replaces(offset, len(part))
        sector = bytearray(chip.read_to_keep(offset - start, SECTOR_SIZE))
        sector[start : start + len(part)] = part
        _replace_sector(chip, offset - start, bytes(sector))
        offset += len(part)
        data = data[len(part) :]


def copy_flash(chip: BootChip, destination: int, source: int, size_bytes: int) -> None:
    """Copy blocks of a sector's size; the last one is copied whole, with what follows the data."""
    for position in range(0, size_bytes, SECTOR_SIZE):
        write_flash(chip, destination + position, chip.read(source + position, SECTOR_SIZE))


def move_image(chip: BootChip, ota: ImageHeader) -> None:
    """Move an uncompressed OTA image from its upgrade address to where its header lies and its body runs."""
    source = flash_offset(ota.upgrade_address)
    size = ota.body_size + (SIGNATURE_SIZE if ota.is_signed else 0)
    copy_flash(chip, flash_offset(ota.header_address), source, HEADER_SIZE)
    copy_flash(chip, flash_offset(ota.run_address), source + HEADER_SIZE, size)


class SectorWriter:
    """Writes a stream to flash as its sectors fill up; `flush` writes an unfinished one."""

    def __init__(self, chip: BootChip) -> None:
        self._chip = chip
        self._offset = 0
        self._pending = b""

    def write(self, offset: int, data: bytes) -> None:
        """Take bytes for an offset; what does not follow the bytes before flushes those first."""
        if self._pending and offset != self._offset + len(self._pending):
            self.flush()
        if not self._pending:
            offset, data = self._write_head(offset, data)
            self._offset = offset
        self._pending += data
        while len(self._pending) >= SECTOR_SIZE:
            write_flash(self._chip, self._offset, self._pending[:SECTOR_SIZE])
            self._offset += SECTOR_SIZE
            self._pending = self._pending[SECTOR_SIZE:]

    def flush(self) -> None:
        """Write what is left."""
        write_flash(self._chip, self._offset, self._pending)
        self._pending = b""

    def _write_head(self, offset: int, data: bytes) -> tuple[int, bytes]:
        """Bring a stream that starts inside a sector to a sector's start."""
        inside = offset % SECTOR_SIZE
        if not inside:
            return offset, data
        if len(data) < SECTOR_SIZE - inside:  # too short to fill the sector: begin with what is there
            return offset - inside, self._chip.read(offset - inside, inside) + data
        head = SECTOR_SIZE - inside
        write_flash(self._chip, offset, data[:head])
        return offset + head, data[head:]


def _replace_sector(chip: BootChip, offset: int, data: bytes) -> None:
    chip.flash.erase_sector(offset)
    for page in range(0, SECTOR_SIZE, PAGE_SIZE):
        chip.flash.program_page(offset + page, data[page : page + PAGE_SIZE])
