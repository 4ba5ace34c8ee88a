"""The .fls format: .img files one after the other, in any order (firmware_format.rst of the SDK)."""

from __future__ import annotations

from collections.abc import Iterable

from emu.loader.errors import Origin
from emu.loader.image import Image

_PADDING = b"\0\xff"
"""What tools fill files up with."""


def parse_fls(data: bytes, origin: Origin) -> tuple[Image, ...]:
    """Take a package apart; each image knows its offset. A single .img is a package of one."""
    images: list[Image] = []
    offset = 0
    while data[offset:].strip(_PADDING) or not images:
        image = Image.parse(data[offset:], origin.at(offset))
        images.append(image)
        offset += len(image.to_bytes())
    return tuple(images)


def build_fls(images: Iterable[Image]) -> bytes:
    """Put images one after the other."""
    return b"".join(image.to_bytes() for image in images)
