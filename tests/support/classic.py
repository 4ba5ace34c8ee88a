"""A flash as the W800 SDK 1.x and the W806 SDK fill it: a secboot, an app, an OTA image, the update flag."""

from __future__ import annotations

import gzip
from dataclasses import replace

from emu.loader.headers import stand_in_bootloader
from emu.loader.image import HEADER_TO_BODY, MAGIC, Compression, Image, ImageHeader, ImageType
from emu.memory_map import FLASH_BASE
from support.boot import FakeFlash

OTA_OFFSET = 0x1_0000
APP_OFFSET = 0xD_0000
SIZE_BYTES = 0x20_0000


def classic_app(size_bytes: int = 1000, *, fill: bytes = b"code", offset: int = APP_OFFSET) -> Image:
    run_address = FLASH_BASE + offset + HEADER_TO_BODY
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.USER,
        run_address=run_address,
        body_size=0,
        header_address=FLASH_BASE + offset,
        upgrade_address=FLASH_BASE + OTA_OFFSET,
        body_crc=0,
    )
    return Image.build(header, (run_address + 0x100).to_bytes(4, "little") + fill * (size_bytes // len(fill)))


def classic_ota(app: Image, packed: bytes | None = None) -> Image:
    """What the SDKs' makefiles make of an app; `packed` replaces the gzip data."""
    header = replace(app.header, attribute=ImageType.USER | Compression.GZIP.attribute_bits)
    return Image.build(header, gzip.compress(app.to_bytes(), mtime=0) if packed is None else packed)


class FakeClassic(FakeFlash):
    """A flash with what is given; `flag` says that this OTA image is to be installed."""

    def __init__(
        self,
        app: Image | None = None,
        ota: Image | None = None,
        flag: Image | None = None,
        *,
        size_bytes: int = SIZE_BYTES,
        next_header: int | None = None,
    ) -> None:
        super().__init__(bytearray(b"\xff" * size_bytes))
        app_header = app.header.header_address if app else FLASH_BASE + APP_OFFSET
        self.next_header = app_header if next_header is None else next_header
        self.install(stand_in_bootloader(self.next_header))
        if app is not None:
            self.install(app)
        if ota is not None:
            self.device.load(OTA_OFFSET, ota.to_bytes())
        if flag is not None:
            self.set_flag(flag.header.body_crc)

    def install(self, image: Image) -> None:
        self.device.load(image.header.header_address - FLASH_BASE, image.header.pack())
        self.device.load(image.header.run_address - FLASH_BASE, image.body)

    def replace_bootloader(self, image: Image) -> None:
        """Put a real bootloader in the place of the stand-in."""
        header = replace(image.header, next_header_address=self.next_header)
        self.install(replace(image, header=header.sealed()))

    @property
    def flag(self) -> int:
        return int.from_bytes(self.contents(self.device.size_bytes - 0x1000, 4), "little")

    def set_flag(self, value: int) -> None:
        self.device.load(self.device.size_bytes - 0x1000, value.to_bytes(4, "little"))
