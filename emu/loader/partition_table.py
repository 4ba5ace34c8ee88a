"""The partition table: its binary form and its CSV form (tools/wm/partition.py of the SDK)."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from emu.loader.errors import LoadError, Origin
from peripherals.nor_flash import SECTOR_SIZE

TABLE_OFFSET: Final = 0xE000
"""Where in flash the table lies, always."""
TABLE_MAGIC: Final = 0xA1F2_F39F
TABLE_MAGIC_BYTES: Final = TABLE_MAGIC.to_bytes(4, "little")
TABLE_FILE_SIZE: Final = 1024
"""The size of the binary file, filled up with 0xFF."""
_HEADER: Final = struct.Struct("<IHHI")  # magic, version, count, option
_ENTRY: Final = struct.Struct("<16sIII")  # name, offset, size, flag
_MD5_SIZE: Final = 16
_NAME_LENGTH: Final = 15
_HEXADECIMAL: Final = re.compile(r"(0[xX])?0*[0-9a-fA-F]{1,8}")
_MOST_ENTRIES: Final = (TABLE_FILE_SIZE - _HEADER.size - _MD5_SIZE) // _ENTRY.size
_REQUIRED: Final = ("ft", "bootloader", "partition_table", "app")


@dataclass(frozen=True, slots=True)
class Partition:
    """A named range of the flash; offsets count from its start."""

    name: str
    offset: int
    size_bytes: int
    flag: int = 0

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + self.size_bytes


@dataclass(frozen=True, slots=True)
class PartitionTable:
    """The partitions in the order of the file."""

    partitions: tuple[Partition, ...]
    origin: Origin = field(default_factory=lambda: Origin("partition table"), compare=False)

    @classmethod
    def parse(cls, data: bytes, origin: Origin) -> PartitionTable:
        """Read the binary form and check its MD5."""
        partitions = read_entries(data, origin)
        size = _HEADER.size + len(partitions) * _ENTRY.size
        stored, computed = data[size : size + _MD5_SIZE], hashlib.md5(data[:size]).digest()
        if stored != computed:
            raise origin.at(size).error(
                "MD5",
                f"{stored.hex()} stored, {computed.hex()} computed: the table was changed; build it again",
            )
        return cls(partitions, origin).verify()

    @classmethod
    def parse_csv(cls, text: str, origin: Origin) -> PartitionTable:
        """Read lines of `name, offset, size, flag`; numbers are hexadecimal, lines with # are comments."""
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
        partitions = tuple(
            _parse_line(line, Origin(f"{origin.name}: line {number}"))
            for number, line in lines
            if line and not line.startswith("#")
        )
        return cls(partitions, origin).verify()

    def to_bytes(self) -> bytes:
        """The binary form: 1024 bytes."""
        header = _HEADER.pack(TABLE_MAGIC, 0, len(self.partitions), 0)
        entries = (
            _ENTRY.pack(entry.name.encode(), entry.offset, entry.size_bytes, entry.flag)
            for entry in self.partitions
        )
        table = header + b"".join(entries)
        return (table + hashlib.md5(table).digest()).ljust(TABLE_FILE_SIZE, b"\xff")

    def find(self, name: str) -> Partition | None:
        """The partition of that name."""
        return next((entry for entry in self.partitions if entry.name == name), None)

    def require(self, name: str) -> Partition:
        """The partition of that name; a LoadError says which ones there are."""
        if partition := self.find(name):
            return partition
        names = ", ".join(entry.name for entry in self.partitions)
        raise self.origin.error("partition", f"there is no {name} among {names}: add a line for {name}")

    def verify(self) -> PartitionTable:
        """Raise what the SDK's tool would refuse; return the table itself when it is good."""
        if len(self.partitions) > _MOST_ENTRIES:
            raise self.origin.error("count", f"{len(self.partitions)} entries: at most {_MOST_ENTRIES} fit")
        for name in _REQUIRED:
            self.require(name)
        table = self.require("partition_table")
        if table.offset != TABLE_OFFSET:
            raise self.origin.error(
                "partition_table", f"at {table.offset:#x}: the bootloader looks for it at {TABLE_OFFSET:#x}"
            )
        for entry in self.partitions:
            self._verify_entry(entry)
        for low, high in pairwise(sorted(self.partitions, key=lambda entry: entry.offset)):
            if low.end > high.offset:
                raise self.origin.error(
                    high.name, f"starts at {high.offset:#x}, before the end of {low.name} at {low.end:#x}"
                )
        return self

    def verify_fits(self, flash_size_bytes: int) -> None:
        """Raise when a partition ends behind the flash: the SDK's firmware refuses such a table."""
        for entry in self.partitions:
            if entry.end > flash_size_bytes:
                raise self.origin.error(
                    entry.name,
                    f"ends at {entry.end:#x}, the flash at {flash_size_bytes:#x}: "
                    "choose a larger flash or another table",
                )

    def _verify_entry(self, entry: Partition) -> None:
        if entry.offset % SECTOR_SIZE or entry.size_bytes % SECTOR_SIZE or not entry.size_bytes:
            raise self.origin.error(
                entry.name,
                f"{entry.offset:#x}, {entry.size_bytes:#x} are not whole sectors of {SECTOR_SIZE:#x}",
            )
        if len(entry.name.encode()) > _NAME_LENGTH:
            raise self.origin.error(entry.name, f"the name is longer than {_NAME_LENGTH} characters")


def read_entries(data: bytes, origin: Origin) -> tuple[Partition, ...]:
    """Read the entries as the bootloader does: magic and count are looked at, the MD5 is not."""
    if len(data) < _HEADER.size:
        raise origin.error("header", f"{len(data)} of {_HEADER.size} bytes: the table is truncated")
    magic, _version, count, _option = _HEADER.unpack_from(data)
    if magic != TABLE_MAGIC:
        raise origin.error(
            "magic", f"{magic:#010x} instead of {TABLE_MAGIC:#010x}: this is no partition table"
        )
    size = _HEADER.size + count * _ENTRY.size + _MD5_SIZE
    if size > min(len(data), SECTOR_SIZE):
        raise origin.at(6).error(
            "count", f"{count} entries do not fit {len(data)} bytes: build the table again"
        )
    rows = _ENTRY.iter_unpack(data[_HEADER.size : size - _MD5_SIZE])
    return tuple(
        Partition(name.split(b"\0", 1)[0].decode("ascii", "backslashreplace"), offset, size_bytes, flag)
        for name, offset, size_bytes, flag in rows
    )


def _parse_line(line: str, origin: Origin) -> Partition:
    name, *numbers = (cell.strip() for cell in line.split(","))
    if len(numbers) != 3 or not all(map(_HEXADECIMAL.fullmatch, numbers)):
        raise LoadError(
            f"{origin.name}: {line!r} is not `name, offset, size, flag` with hexadecimal numbers of 32 bits"
        )
    if not name or not name.isascii() or not name.isprintable():
        raise LoadError(f"{origin.name}: {name!r} is no name: use ASCII characters")
    return Partition(name, *(int(number, 16) for number in numbers))


def _layout(name: str, *rows: Partition) -> PartitionTable:
    fixed = (
        Partition("ft", 0, 0x2000),
        Partition("bootloader", 0x2000, 0xC000),
        Partition("partition_table", TABLE_OFFSET, 0x1000),
    )
    return PartitionTable(fixed + rows, Origin(name)).verify()


# components/partition_table/config/*.csv of the SDK.
OTA_LAYOUT: Final = _layout(
    "partition table with app_ota",
    Partition("app", 0xF000, 0x12_2000),
    Partition("app_ota", 0x13_1000, 0xA_F000),
    Partition("user", 0x1E_0000, 0x2000),
    Partition("nvs", 0x1F_0000, 0x8000),
)
LARGE_LAYOUT: Final = _layout(
    "partition table for a large app",
    Partition("app", 0xF000, 0x1E_1000),
    Partition("nvs", 0x1F_0000, 0x8000),
)
LAYOUTS: Final[Sequence[PartitionTable]] = (OTA_LAYOUT, LARGE_LAYOUT)
"""The layouts for an app that comes without a table, preferred one first."""
