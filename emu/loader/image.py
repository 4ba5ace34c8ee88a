"""The .img format: a 64-byte header and a body (tools/wm/bin2img.py, wm_ota_ops.h of the SDK)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Final

from emu.loader.checksum import crc32
from emu.loader.errors import LoadError, Origin

MAGIC: Final = 0xA0FF_FF9F
HEADER_SIZE: Final = 64
SIGNATURE_SIZE: Final = 128
VERSION_SIZE: Final = 16
HEADER_TO_BODY: Final = 0x400
"""From where a header lies to where its body runs: a vector table is aligned to 0x400 (rom.rst)."""

_LAYOUT: Final = struct.Struct("<8I16s4I")
_CRC_OFFSET: Final = HEADER_SIZE - 4

_ENCRYPTED: Final = 1 << 4
_SIGNED: Final = 1 << 8
_GZIP: Final = 1 << 16
_COMPRESS_TYPE: Final = 0b11 << 20
_XZ: Final = 1 << 20


class ImageType(IntEnum):
    """What an image is for: bits 3..0 of its attribute. Other values are the user's."""

    BOOTLOADER = 0
    USER = 1
    PARTITION_TABLE = 2
    FACTORY_TEST = 0xE


class Compression(StrEnum):
    """How a body is packed."""

    NONE = "none"
    GZIP = "gzip"
    XZ = "xz"

    @property
    def attribute_bits(self) -> int:
        """What the attribute of an image with this compression holds."""
        return {Compression.NONE: 0, Compression.GZIP: _GZIP, Compression.XZ: _XZ}[self]


class BootFlag(IntEnum):
    """Bits of the boot flags; bits 2..0 are the log level, 0 silent to 5 verbose (bootloader/Kconfig)."""

    SKIP_ESC_CHECK = 1 << 3
    SKIP_UPGRADE_CHECK = 1 << 4
    SKIP_INTEGRITY_CHECK = 1 << 5


# fmt: off
@dataclass(frozen=True, slots=True)
class ImageHeader:
    """The 64 bytes in front of a body, field by field; addresses are those of the CPU."""

    magic: int                      # 0x00
    attribute: int                  # 0x04
    run_address: int                # 0x08
    body_size: int                  # 0x0C  without header and signature
    header_address: int             # 0x10  where the header lies; outside flash: nowhere
    upgrade_address: int            # 0x14  where an OTA image lies, with its header; 0: none
    body_crc: int                   # 0x18
    update_number: int = 0          # 0x1C
    version_field: bytes = b""      # 0x20  16 bytes, ends with a NUL
    boot_flags: int = 0             # 0x30
    reserved: int = 0               # 0x34
    next_header_address: int = 0    # 0x38  the bootloader's names the app's header
    header_crc: int = 0             # 0x3C  over 0x00..0x3B
# fmt: on

    @classmethod
    def unpack(cls, data: bytes) -> ImageHeader:
        """Take 64 bytes apart, whatever they hold."""
        return cls(*_LAYOUT.unpack(data))

    def pack(self) -> bytes:
        """The 64 bytes, checksum as it stands."""
        return _LAYOUT.pack(*astuple(self))

    def sealed(self) -> ImageHeader:
        """The same header with the checksum it should have."""
        return replace(self, header_crc=self.computed_crc)

    @property
    def computed_crc(self) -> int:
        """The checksum of the fields before it."""
        return crc32(self.pack()[:_CRC_OFFSET])

    @property
    def image_type(self) -> int:
        """One of ImageType, or a user's own number."""
        return self.attribute & 0xF

    @property
    def is_encrypted(self) -> bool:
        """Tell whether the body is stored encrypted."""
        return bool(self.attribute & _ENCRYPTED)

    @property
    def is_signed(self) -> bool:
        """Tell whether a signature of 128 bytes follows the body."""
        return bool(self.attribute & _SIGNED)

    @property
    def compression(self) -> Compression | None:
        """How the body is packed; None for a compression type nobody defines."""
        if self.attribute & _COMPRESS_TYPE:
            return Compression.XZ if self.attribute & _COMPRESS_TYPE == _XZ else None
        return Compression.GZIP if self.attribute & _GZIP else Compression.NONE

    @property
    def version(self) -> str:
        """The version up to its NUL; bytes that are no ASCII are shown as escapes."""
        return self.version_field.split(b"\0", 1)[0].decode("ascii", "backslashreplace")

    @property
    def log_level(self) -> int:
        """What the bootloader prints: 0 nothing, 1 errors, 2 warnings, 3 information, 4 debug."""
        return self.boot_flags & 0b111

    def has_flag(self, flag: BootFlag) -> bool:
        """Tell whether a boot flag is set."""
        return bool(self.boot_flags & flag)


def encode_version(version: str) -> bytes:
    """The 16 bytes of a version; too long ones are cut to 15 characters as bin2img.py does."""
    return version.encode("ascii", "replace")[: VERSION_SIZE - 1].ljust(VERSION_SIZE, b"\0")


@dataclass(frozen=True, slots=True)
class Image:
    """A header with its body as stored, and the signature if there is one."""

    header: ImageHeader
    body: bytes
    signature: bytes = b""
    origin: Origin = field(default_factory=lambda: Origin("image"), compare=False)

    @classmethod
    def parse(cls, data: bytes, origin: Origin) -> Image:
        """Read the image that starts `data`; checksums may be wrong, sizes may not."""
        if len(data) < HEADER_SIZE:
            raise origin.error("header", f"{len(data)} of {HEADER_SIZE} bytes: the file is truncated")
        header = ImageHeader.unpack(data[:HEADER_SIZE])
        if header.magic != MAGIC:
            raise origin.error(
                "magic", f"{header.magic:#010x} instead of {MAGIC:#010x}: give an .img or .fls file"
            )
        end = HEADER_SIZE + header.body_size
        signature_size = SIGNATURE_SIZE if header.is_signed else 0
        if len(data) < end + signature_size:
            raise origin.at(0x0C).error(
                "body size",
                f"{header.body_size:#x} bytes, the file holds {max(0, len(data) - HEADER_SIZE):#x}: "
                "it is truncated or its header damaged; build it again",
            )
        return cls(header, data[HEADER_SIZE:end], data[end : end + signature_size], origin)

    @classmethod
    def build(cls, header: ImageHeader, body: bytes, name: str = "image") -> Image:
        """Pad the body to words with 0xFF and fill in its size and both checksums."""
        padded = body + b"\xff" * (-len(body) % 4)
        sized = replace(header, body_size=len(padded), body_crc=crc32(padded))
        return cls(sized.sealed(), padded, origin=Origin(name))

    def to_bytes(self) -> bytes:
        """The .img file."""
        return self.header.pack() + self.body + self.signature

    def problems(self) -> Iterator[LoadError]:
        """What is wrong with the image, worst first."""
        header, origin = self.header, self.origin
        if header.header_crc != header.computed_crc:
            yield origin.at(_CRC_OFFSET).error(
                "header CRC",
                f"{header.header_crc:#010x} stored, {header.computed_crc:#010x} computed: "
                "the header was changed or damaged; build the image again",
            )
        if header.body_crc != (computed := crc32(self.body)):
            yield origin.at(0x18).error(
                "image CRC",
                f"{header.body_crc:#010x} stored, {computed:#010x} computed: "
                "the body was changed or damaged; build the image again",
            )
        if b"\0" not in header.version_field:
            yield origin.at(0x20).error(
                "version", f"{header.version_field!r} does not end with a NUL: at most 15 characters"
            )
        if header.compression is None:
            yield origin.at(0x04).error(
                "attribute", f"{header.attribute:#x} has an unknown compression type: use none, gzip or xz"
            )

    def verify(self) -> Image:
        """Raise the worst problem; return the image itself when there is none."""
        for problem in self.problems():
            raise problem
        return self
