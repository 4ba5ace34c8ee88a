"""What `w800emu image info` says about a file."""

from __future__ import annotations

from pathlib import Path

from emu.loader import (
    BootFlag,
    Image,
    ImageType,
    LoadError,
    MemoryPiece,
    PartitionTable,
    load_partition_table,
    unpack_ota,
)
from emu.loader.checksum import crc32
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.loader.firmware import holds_partition_table
from emu.loader.flash_contents import Read, images_in, reader, table_in
from emu.loader.fls import parse_fls
from emu.loader.luatos import parse_soc
from emu.loader.piece import FlashPiece
from emu.loader.recognise import BOOTLOADER_OFFSET, Format
from emu.loader.records import parse_records
from emu.loader.vectors import vector_base
from emu.loader.wrapping import unwrap
from emu.memory_map import FLASH_BASE


class Report:
    """Collects lines; `has_problems` tells whether one of them is bad news."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.has_problems = False

    def file(self, path: Path) -> None:
        """Recognise a file by its content and describe it."""
        origin = Origin(path.name)
        data, found = unwrap(read_file(path), origin)
        match found:
            case Format.ELF:
                self._elf(data, origin)
            case Format.FLASH:
                self.lines.append(f"{origin.name}: contents of a flash of {len(data):#x} bytes")
                self._flash(reader((FlashPiece(0, data, origin.name),)), origin)
            case Format.FLASH_REST:
                self.lines.append(f"{origin.name}: contents of a flash from {BOOTLOADER_OFFSET:#x} on")
                self._flash(reader((FlashPiece(BOOTLOADER_OFFSET, data, origin.name),)), origin)
            case Format.IMAGES:
                self._images(parse_fls(data, origin), origin)
            case Format.PARTITION_TABLE | Format.TABLE_TEXT:
                self.lines.append(f"{origin.name}: partition table")
                self._partitions(load_partition_table(path))
            case Format.INTEL_HEX | Format.S_RECORDS:
                self._records(parse_records(data, found, origin), found, origin)
            case Format.SEVEN_ZIP:
                self._luatos(data, origin)
            case _:
                self._raw(data, origin)

    def _elf(self, data: bytes, origin: Origin) -> None:
        program = parse_elf(data, origin)
        self.lines.append(f"{origin.name}: ELF program, C-SKY, {len(program.symbols)} symbols")
        self._field("entry", f"{program.entry:#010x}  {program.symbols.describe(program.entry)}")
        self._field("in flash", f"{program.flash_address:#010x}  {len(program.flash_contents):#x} bytes")
        for segment in program.segments:
            to = (
                ""
                if segment.load_address == segment.run_address
                else f", runs at {segment.run_address:#010x}"
            )
            self._field("segment", f"{segment.load_address:#010x}  {segment.size_bytes:#x} bytes{to}")

    def _images(self, images: tuple[Image, ...], origin: Origin) -> None:
        self.lines.append(f"{origin.name}: {len(images)} image{'s'[: len(images) > 1]}")
        for image in images:
            self._image(image)

    def _records(self, pieces: tuple[MemoryPiece, ...], found: Format, origin: Origin) -> None:
        self.lines.append(f"{origin.name}: {found}")
        for piece in pieces:
            self._field("bytes", f"{piece.address:#010x}  {len(piece.data):#x} bytes")
        in_flash = [
            FlashPiece(piece.address - FLASH_BASE, piece.data, origin.name)
            for piece in pieces
            if piece.address >= FLASH_BASE
        ]
        self._flash(reader(in_flash), origin)

    def _raw(self, data: bytes, origin: Origin) -> None:
        base = vector_base(data)
        self.lines.append(f"{origin.name}: raw code, {len(data):#x} bytes")
        self._field("runs at", f"{base:#010x}" if base is not None else "unknown")
        self._field("reset vector", f"{int.from_bytes(data[:4], 'little'):#010x}")

    def _luatos(self, data: bytes, origin: Origin) -> None:
        package = parse_soc(data, origin)
        self.lines.append(f"{origin.name}: LuatOS package for {package.chip}")
        if package.script is not None:
            address = FLASH_BASE + package.script.offset
            self._field("scripts", f"{address:#010x}  {len(package.script.data):#x} bytes")
        self._images(package.images, origin)

    def _flash(self, read: Read, origin: Origin) -> None:
        """The partition table and the images, as far as there are any."""
        table = None
        try:
            table = table_in(read, origin)
        except LoadError as error:
            self._bad(str(error))
        if table is not None:
            self._partitions(table)
        for image in images_in(read, table, origin):
            self._image(image)

    def _bad(self, what: str, indent: str = "") -> None:
        self.has_problems = True
        self.lines.append(f"{indent}  BAD: {what}")

    def _image(self, image: Image, indent: str = "") -> None:
        header = image.header
        kind = next((known.name.lower() for known in ImageType if known == header.image_type), "unknown")
        if header.image_type == ImageType.PARTITION_TABLE and not holds_partition_table(image):
            kind = "data"
        is_good = not list(image.problems())
        self.has_problems |= not is_good
        rows = (
            ("type", f"{header.image_type} ({kind.replace('_', ' ')})"),
            ("compression", str(header.compression or "unknown")),
            ("encrypted", "yes" if header.is_encrypted else "no"),
            ("signed", "yes" if header.is_signed else "no"),
            ("run address", f"{header.run_address:#010x}"),
            ("body size", f"{header.body_size:#x} ({header.body_size} bytes)"),
            ("header address", f"{header.header_address:#010x}"),
            ("upgrade address", f"{header.upgrade_address:#010x}"),
            ("image CRC", _verdict(header.body_crc, crc32(image.body))),
            ("update number", f"{header.update_number:#x}"),
            (
                "version",
                header.version + ("" if b"\0" in header.version_field else "  NOT TERMINATED"),
            ),
            ("boot flags", self._boot_flags(image)),
            ("next header", f"{header.next_header_address:#010x}"),
            ("header CRC", _verdict(header.header_crc, header.computed_crc)),
        )
        self.lines.append(f"{indent}image at offset {image.origin.offset:#x} of {image.origin.name}")
        for name, value in rows:
            self._field(name, value, indent)
        if is_good:
            self._contents(image, indent)

    def _contents(self, image: Image, indent: str) -> None:
        """What a good image holds: a packed image, or a partition table."""
        try:
            if (inner := unpack_ota(image)) is not image:
                self._image(inner, indent + "    ")
            elif holds_partition_table(image):
                self._partitions(PartitionTable.parse(image.body, image.origin))
        except LoadError as error:
            self._bad(str(error), indent)

    def _boot_flags(self, image: Image) -> str:
        names = [flag.name.lower().replace("_", " ") for flag in BootFlag if image.header.has_flag(flag)]
        return ", ".join([f"{image.header.boot_flags:#x} (log level {image.header.log_level}", *names]) + ")"

    def _partitions(self, table: PartitionTable) -> None:
        self.lines.append("partitions            offset      size")
        for entry in table.partitions:
            self.lines.append(f"  {entry.name:<16}  {entry.offset:#8x}  {entry.size_bytes:#8x}")

    def _field(self, name: str, value: str, indent: str = "") -> None:
        self.lines.append(f"{indent}  {name:<16}  {value}".rstrip())


def _verdict(stored: int, computed: int) -> str:
    return f"{stored:#010x}  " + ("good" if stored == computed else f"WRONG, computed {computed:#010x}")
