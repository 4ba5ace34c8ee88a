"""What gdb's `load` does to the flash, and image headers that fit what is there then.

`load` erases whole sectors and writes the sections of an ELF file: the header before the program is lost, and
with another size or checksum the boot chain would refuse it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

from emu.loader.checksum import crc32
from emu.loader.image import HEADER_SIZE, MAGIC, ImageHeader
from emu.machine import Machine, MachineError
from emu.memory_map import FLASH_BASE
from peripherals.nor_flash import ERASED

_HEADER_EVERY: Final = 0x400
"""A vector table follows a header at this distance, and is aligned to it."""


class FlashLoading:
    """Erases and writes as a production programmer does: at once."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._headers: dict[int, ImageHeader] | None = None  # by offset, those before the first change
        self._written: list[range] = []  # offsets

    def erase(self, address: int, size_bytes: int) -> None:
        """Erase; MachineError outside the flash."""
        self._put(address, bytes((ERASED,)) * min(size_bytes, self._machine.flash.size_bytes + 1))

    def write(self, address: int, data: bytes) -> None:
        """Write; MachineError outside the flash."""
        offset = self._put(address, data)
        self._written.append(range(offset, offset + len(data)))

    def finish(self) -> list[str]:
        """Give each program that was written a header that fits; what was done, a line each."""
        headers, written = self._headers or {}, self._written
        self._headers, self._written = None, []
        starts = sorted(header.run_address - FLASH_BASE for header in headers.values())
        ends = dict(pairwise((*starts, self._machine.flash.size_bytes)))
        told = []
        for offset, header in headers.items():
            start = header.run_address - FLASH_BASE
            own = [part.stop for part in written if start <= part.start < ends[start]]
            if own:
                told.append(self._fit(offset, header, start, max(own)))
        return told

    def _put(self, address: int, data: bytes) -> int:
        offset = address - FLASH_BASE
        if not 0 <= offset <= offset + len(data) <= self._machine.flash.size_bytes:
            raise MachineError(f"{len(data):#x} bytes at {address:#010x} are not in the flash")
        if self._headers is None:
            self._headers = dict(self._found_headers())
        self._machine.flash.load(offset, data)
        return offset

    def _found_headers(self) -> list[tuple[int, ImageHeader]]:
        flash = self._machine.flash
        found = []
        for offset in range(0, flash.size_bytes, _HEADER_EVERY):
            header = ImageHeader.unpack(bytes(flash.contents[offset : offset + HEADER_SIZE]))
            is_whole = header.magic == MAGIC and header.header_crc == header.computed_crc
            if is_whole and 0 <= header.run_address - FLASH_BASE < flash.size_bytes:
                found.append((offset, header))
        return found

    def _fit(self, offset: int, header: ImageHeader, start: int, end: int) -> str:
        flash = self._machine.flash
        end += -(end - start) % 4
        body = bytes(flash.contents[start:end])
        fitting = replace(header, body_size=len(body), body_crc=crc32(body)).sealed()
        flash.load(offset, fitting.pack())
        return f"the header at {FLASH_BASE + offset:#010x} fits the program again: {len(body)} bytes"
