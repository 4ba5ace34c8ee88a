"""What is found in flash contents."""

from __future__ import annotations

from dataclasses import replace

from support.forms import W800_APP, program

from emu.loader.errors import Origin
from emu.loader.flash_contents import images_in
from emu.loader.headers import app_image
from emu.loader.image import HEADER_SIZE
from emu.memory_map import FLASH_BASE


def test_headers_that_lead_to_each_other_without_end_are_followed_to_some() -> None:
    image = app_image("app", W800_APP, program(W800_APP))
    reads = 0

    def read(offset: int, size_bytes: int) -> bytes:
        """A header everywhere, which names the next one behind it."""
        nonlocal reads
        reads += 1
        following = FLASH_BASE + offset + HEADER_SIZE
        header = replace(image.header, header_address=0, next_header_address=following).sealed()
        return (
            (header.pack() + image.body)[:size_bytes]
            if size_bytes == HEADER_SIZE
            else image.body[:size_bytes]
        )

    images = list(images_in(read, None, Origin("dump.bin")))
    assert 10 < len(images) < 100
    assert reads < 300
