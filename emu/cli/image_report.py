"""What `w800emu image info` says about a file."""

from __future__ import annotations

from pathlib import Path

from emu.loader import BootFlag, Image, ImageType, LoadError, PartitionTable, load_partition_table, unpack_ota
from emu.loader.checksum import crc32
from emu.loader.elf import ELF_MAGIC, parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.loader.firmware import holds_partition_table
from emu.loader.flash_image import BOOTLOADER_OFFSET
from emu.loader.fls import parse_fls
from emu.loader.image import MAGIC
from emu.loader.partition_table import TABLE_MAGIC, TABLE_OFFSET

IMAGE_MAGIC = MAGIC.to_bytes(4, "little")
TABLE_MAGIC_BYTES = TABLE_MAGIC.to_bytes(4, "little")


class Report:
    """Collects lines; `has_problems` tells whether one of them is bad news."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.has_problems = False

    def file(self, path: Path) -> None:
        """Recognise a file by its content and describe it."""
        data, origin = read_file(path), Origin(path.name)
        if data.startswith(ELF_MAGIC):
            self._elf(data, origin)
        elif data[TABLE_OFFSET : TABLE_OFFSET + 4] == TABLE_MAGIC_BYTES:
            self._flash(data, origin)
        elif data.startswith(IMAGE_MAGIC):
            self._images(data, origin)
        elif data.startswith(TABLE_MAGIC_BYTES) or path.suffix == ".csv":
            self.lines.append(f"{origin.name}: partition table")
            self._partitions(load_partition_table(path))
        else:
            raise origin.error(
                "magic", f"{data[:4].hex(' ') or 'no bytes'}: neither a firmware nor a partition table"
            )

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

    def _images(self, data: bytes, origin: Origin) -> None:
        images = parse_fls(data, origin)
        self.lines.append(f"{origin.name}: {len(images)} image{'s'[: len(images) > 1]}")
        for image in images:
            self._image(image)

    def _flash(self, data: bytes, origin: Origin) -> None:
        self.lines.append(f"{origin.name}: contents of a flash of {len(data):#x} bytes")
        table = PartitionTable.parse(data[TABLE_OFFSET:], origin.at(TABLE_OFFSET))
        self._partitions(table)
        places = [entry.offset for entry in table.partitions if entry.name in ("app", "app_ota")]
        for offset in (BOOTLOADER_OFFSET, *places):
            if data[offset : offset + 4] == IMAGE_MAGIC:
                self._flash_image(data, offset, origin.at(offset))

    def _flash_image(self, data: bytes, offset: int, origin: Origin) -> None:
        """An image in flash: where the header is of its own, the body follows at the run address."""
        image = Image.parse(data[offset:], origin)
        gap = image.header.run_address - image.header.header_address
        if offset == image.header.header_address & 0xFF_FFFF and gap > 0:
            body = data[offset + gap : offset + gap + image.header.body_size]
            image = Image(image.header, body, origin=origin)
        self._image(image)

    def _image(self, image: Image, indent: str = "") -> None:
        header = image.header
        kind = next((known.name.lower() for known in ImageType if known == header.image_type), "unknown")
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
            ("version", header.version + ("" if b"\0" in header.version_field else "  NOT TERMINATED")),
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
            self.has_problems = True
            self.lines.append(f"{indent}  BAD: {error}")

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
