"""The forms in which firmware comes, made of one small program, so that tests need no foreign files."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
from collections.abc import Callable

import bincopy
import py7zr

from emu.loader import Compression, compose_flash, pack_ota
from emu.loader.firmware import Firmware, FirmwareKind, place_image
from emu.loader.fls import build_fls
from emu.loader.headers import app_image, bootloader_image
from emu.loader.image import MAGIC, Image, ImageHeader, ImageType

W800_APP = 0x080D_0400
W806_APP = 0x0801_0400
NO_BOOTLOADER = 0x0800_2400
RAM = 0x2000_4000


def program(base: int, size_bytes: int = 0x600) -> bytes:
    """Vectors that all point to one endless loop, and something to recognise behind it."""
    handler = base + 0x100
    return (
        struct.pack("<64I", *[handler] * 64) + b"\x00\x04" + b"instructions".ljust(size_bytes - 0x102, b".")
    )


def classic_package(base: int = W800_APP) -> bytes:
    """Second bootloader and app of the older SDKs."""
    secboot = bootloader_image("", program(NO_BOOTLOADER), app_header_address=base - 0x400)
    return build_fls((secboot, app_image("app", base, program(base))))


def ram_image() -> bytes:
    """What the mask ROM starts after a download."""
    header = ImageHeader(MAGIC, 0, RAM, 0, RAM, 0, 0, version_field=bytes(16))
    return Image.build(header, program(RAM)).to_bytes()


def records(data: bytes, base: int, form: str = "ihex") -> bytes:
    """Intel HEX, or with `srec` S-records."""
    file = bincopy.BinFile()
    file.add_binary(data, address=base)
    return str(file.as_ihex() if form == "ihex" else file.as_srec()).encode()


def flash_dump(size_bytes: int = 0x20_0000) -> bytes:
    """All of a flash with the older layout, parameters included."""
    app = app_image("app", W800_APP, program(W800_APP))
    firmware = Firmware("app", FirmwareKind.IMAGE, place_image(app), W800_APP, images=(app,))
    return bytes(compose_flash(firmware, size_bytes))


def luatos_package(info: object = None, **members: bytes) -> bytes:
    """A .soc; `info` replaces what info.json says."""
    said = info or {
        "chip": {"type": "air103"},
        "rom": {"file": "AIR601.fls", "fs": {"script": {"offset": "80E0000"}}},
        "script": {"file": "script.img"},
    }
    header = ImageHeader(MAGIC, ImageType.USER, 0x080B_0000, 0, 0x2000_8000, 0, 0, version_field=bytes(16))
    contents = {
        "AIR601.fls": classic_package(0x0801_1400),
        "script.img": Image.build(header, b"Lua scripts.").to_bytes(),
    } | members
    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as archive:
        archive.writestr(json.dumps(said) if not isinstance(said, bytes) else said, "info.json")
        for name, data in contents.items():
            archive.writestr(data, name)
    return file.getvalue()


def classic_ota() -> bytes:
    """A gzip OTA image as the older SDKs make it."""
    return pack_ota(app_image("app", W800_APP, program(W800_APP)).to_bytes(), Compression.GZIP)


FORMS: dict[str, Callable[[], bytes]] = {
    "package.fls": classic_package,
    "app.img": lambda: app_image("app", W806_APP, program(W806_APP)).to_bytes(),
    "app_ota.img": classic_ota,
    "bare.img": lambda: app_image("app", NO_BOOTLOADER, program(NO_BOOTLOADER)).to_bytes(),
    "stub.img": ram_image,
    "flash.bin": flash_dump,
    "code.bin": lambda: program(W800_APP),
    "app.hex": lambda: records(program(W800_APP), W800_APP),
    "app.srec": lambda: records(program(W806_APP), W806_APP, "srec"),
    "stub.hex": lambda: records(program(RAM), RAM),
    "app.img.gz": lambda: gzip.compress(app_image("app", W806_APP, program(W806_APP)).to_bytes(), mtime=0),
    "package.fls.xz": lambda: lzma.compress(classic_package()),
    "luatos.soc": luatos_package,
}
"""One file of each form, by name."""
