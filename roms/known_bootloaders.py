"""The second bootloaders that are modelled, told by the checksum in their headers."""

from __future__ import annotations

from typing import Final

from emu.loader.image import ImageHeader

_KNOWN: Final = {
    (0x400, 0x104A_50D1): "the stand-in",
    (0x6984, 0x4808_2837): "Secboot Va.2",
}


def identify(header: ImageHeader) -> str | None:
    """The name of a bootloader that is modelled; None for any other."""
    return _KNOWN.get((header.body_size, header.body_crc))
