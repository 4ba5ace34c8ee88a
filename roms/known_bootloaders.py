"""The second bootloaders that are modelled, told by size and checksum in their headers."""

from __future__ import annotations

from typing import Final

from emu.loader.image import ImageHeader
from roms.boot_update import SDK_2_0, SECBOOT_VA_2, Release
from roms.secboot import SECBOOT_1_0_01, SECBOOT_V0_6, SECBOOT_V1_1, SecbootRelease

AnyRelease = Release | SecbootRelease

_KNOWN: Final[dict[tuple[int, int], AnyRelease]] = {
    (0x6984, 0x4808_2837): SECBOOT_VA_2,
    (0x53DC, 0xFF46_F553): SECBOOT_V1_1,
    (0x7B5C, 0x7C67_C28A): SECBOOT_V0_6,
    (0x7C00, 0x2E1F_E56C): SECBOOT_V0_6,  # the same with zeros behind it
    (0xA850, 0x816B_2C6C): SECBOOT_1_0_01,
}
"""Sizes and CRCs of bodies, from packages of the SDKs and of public projects."""
_STAND_IN: Final = (0x400, 0x104A_50D1)
"""`emu.loader.headers.stand_in_bootloader`."""


def identify(header: ImageHeader) -> AnyRelease | None:
    """The bootloader with this header; None for one that is not modelled."""
    return _KNOWN.get((header.body_size, header.body_crc))


def is_stand_in(header: ImageHeader) -> bool:
    """Tell whether there is no bootloader but a header with which the mask ROM is content."""
    return (header.body_size, header.body_crc) == _STAND_IN


def release_to_model(header: ImageHeader, *, has_partition_table: bool) -> AnyRelease:
    """Whose model acts: the bootloader's own; else that of the SDK with partition tables, or without."""
    return identify(header) or (SDK_2_0 if has_partition_table else SECBOOT_V1_1)
