"""Carrying out an OTA update: unpacking or moving the image in app_ota to where it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from emu.loader.image import HEADER_SIZE, Compression, ImageHeader
from emu.loader.partition_table import Partition
from emu.memory_map import FLASH_BASE
from roms.boot_checks import check_header
from roms.boot_chip import BootChip, Verdict, flash_offset
from roms.boot_flash import SectorWriter, move_image
from roms.boot_log import BootLog, Level
from roms.boot_reasons import fault, unpacking_fault
from roms.boot_unpack import Code, Round, gunzip, unxz

UNPACK_NS_PER_BYTE: Final = 2_000
"""What the SDK's bootloader takes for a byte of atcmd_ota.img, at 80 MHz and a cycle an instruction."""


@dataclass(frozen=True, slots=True)
class Release:
    """What differs between the bootloaders that came with the IoT SDK."""

    name: str
    unpacking: str
    unpacked: str
    has_gzip: bool
    quietest: Level = Level.SILENT
    """What it prints for apps whose boot flags are all 0."""


SDK_2_0: Final = Release(
    "the bootloader of SDK 2.0",
    "start unxz, please wait...",
    "unxz succeed",
    has_gzip=True,
    quietest=Level.INFO,
)
"""SDK 2.0, from the README of ota_ops. GUESS: it unpacks gzip, since image attributes provide for it.
GUESS: apps of its time have no boot flags, and the README shows what it prints nevertheless."""
SECBOOT_VA_2: Final = Release("Secboot Va.2", "[I] unxz...", "[I] unxz succeed", has_gzip=False)
"""The binary of SDK 2.4."""


Decoder = Callable[[Callable[[int, int], bytes], int], Iterator[Round]]
"""Makes rounds from a function that reads (offset, size), and the size of the packed data."""


class _NotWritten(Exception):  # noqa: N818 - a way out, not a mistake
    """The unpacked image cannot be stored; the text tells why."""


class Updater:
    """Replaces the app by the image an OTA header describes."""

    def __init__(self, chip: BootChip, log: BootLog, release: Release, app: Partition) -> None:
        self._chip = chip
        self._log = log
        self._release = release
        self._app = app

    def update(self, ota: ImageHeader) -> None:
        """Bring the image to its place; failures are printed, and show in the check of the app afterwards."""
        if ota.compression is Compression.XZ:
            self._unpack(ota, unxz)
        elif ota.compression is Compression.GZIP and self._release.has_gzip:
            self._unpack(ota, gunzip)
        elif ota.compression is Compression.NONE:
            self._move(ota)
        else:
            self._log.line(Level.ERROR, "[E] bad compress")
            attribute = f"attribute {ota.attribute:#x}, a compression"
            self._refuse(f"the header has {attribute} that {self._release.name} does not know")

    def _move(self, ota: ImageHeader) -> None:
        self._log.line(Level.INFO, "[I] B->A...")
        move_image(self._chip, ota)

    def _unpack(self, ota: ImageHeader, decoder: Decoder) -> None:
        body = flash_offset(ota.upgrade_address) + HEADER_SIZE
        self._log.line(Level.INFO, self._release.unpacking)
        self._log.line(Level.DEBUG, f"[D] from {FLASH_BASE + body:x} len {ota.body_size:x}")
        rounds = decoder(lambda offset, size: self._chip.read(body + offset, size), ota.body_size)
        try:
            code = self._store(rounds)
        except _NotWritten as refusal:
            self._log.line(Level.ERROR, "[E] unxz fail")
            self._refuse(str(refusal))
            return
        if code is Code.END:
            self._log.line(Level.INFO, f"\n{self._release.unpacked}")
        else:
            self._log.line(Level.ERROR, f"\n[E] unxz failed:{code:d}")
            self._refuse(unpacking_fault(code))

    def _refuse(self, reason: str) -> None:
        self._chip.note(f"no update, the image in app_ota is refused: {reason}")

    def _store(self, rounds: Iterator[Round]) -> Code:
        """Write block by block, the first one apart: header, then body; each time to the last byte."""
        writer = SectorWriter(self._chip)
        offset, room = -1, self._app.size_bytes
        code = Code.OK
        for step in rounds:
            code, block = step.code, step.block
            if block:
                self._chip.wait(len(block) * UNPACK_NS_PER_BYTE)
                if len(block) > room:
                    raise _NotWritten(f"it unpacks to more than the {self._app.size_bytes:#x} bytes of app")
                if offset < 0:
                    offset, block = self._store_header(writer, block)
                writer.write(offset, block)
                writer.flush()
                offset += len(block)
                room -= len(block)
            self._log.raw(Level.INFO, ".")
        return code

    def _store_header(self, writer: SectorWriter, block: bytes) -> tuple[int, bytes]:
        """Write the header; return where the body goes and its first bytes."""
        packed = block[:HEADER_SIZE].ljust(HEADER_SIZE, b"\0")
        header = ImageHeader.unpack(packed)
        verdict = check_header(self._chip, header)
        if verdict is not Verdict.GOOD:
            self._log.line(Level.ERROR, "[E] img_header check failed")
            raise _NotWritten(f"inside it, {fault(self._chip, header, verdict)}")
        body = flash_offset(header.run_address)
        if body + header.body_size - self._app.offset > self._app.size_bytes:
            self._log.line(Level.ERROR, "[E] Image length exceeds app partition size")
            sizes = f"run address {header.run_address:#010x} and body size {header.body_size:#x}"
            raise _NotWritten(f"inside it, the header has {sizes}: more than the partition app has room for")
        writer.write(self._app.offset, packed)
        writer.flush()
        return body, block[HEADER_SIZE:]
