from __future__ import annotations

import gzip
import lzma
from dataclasses import replace
from pathlib import Path

import pytest

from emu.loader.errors import LoadError, Origin
from emu.loader.headers import app_image
from emu.loader.image import Compression, Image
from emu.loader.ota import pack_ota, unpack_ota
from emu.loader.partition_table import LARGE_LAYOUT, OTA_LAYOUT

APP = app_image("app.img", 0x0800_F400, b"instructions " * 1000, OTA_LAYOUT)
ORIGIN = Origin("app_ota.img")


def packed(compression: Compression) -> Image:
    return Image.parse(pack_ota(APP.to_bytes(), compression), ORIGIN)


@pytest.mark.parametrize("compression", Compression)
def test_what_was_packed_unpacks_to_the_same_image(compression: Compression) -> None:
    image = packed(compression)
    assert image.header.compression is compression
    assert unpack_ota(image) == APP


def test_the_body_is_the_whole_image_in_an_xz_stream_the_bootloader_can_read() -> None:
    body = packed(Compression.XZ).body
    assert lzma.decompress(body.rstrip(b"\xff")) == APP.to_bytes()
    assert body[:8] == b"\xfd7zXZ\0\0\x01"  # check type 1: CRC32
    assert body[14:17] == b"\x21\x01\x06"  # LZMA2 with a dictionary of 32 KB


def test_a_gzip_body_does_not_depend_on_the_time() -> None:
    body = packed(Compression.GZIP).body
    assert gzip.decompress(body.rstrip(b"\xff")) == APP.to_bytes()
    assert body[4:8] == bytes(4)


def test_an_uncompressed_ota_image_is_the_image_with_its_upgrade_address() -> None:
    large = app_image("app.img", 0x0800_F400, b"code", LARGE_LAYOUT)
    moved = Image.parse(pack_ota(large.to_bytes(), Compression.NONE, upgrade_address=0x0813_1000), ORIGIN)
    assert moved.verify().body == large.body
    assert moved.header.upgrade_address == 0x0813_1000


def test_an_image_without_app_ota_needs_an_address() -> None:
    large = app_image("app.img", 0x0800_F400, b"code", LARGE_LAYOUT)
    with pytest.raises(
        LoadError, match=r"^large\.img: offset 0x14: upgrade address: 0, .* give the address$"
    ):
        pack_ota(large.to_bytes(), name="large.img")


@pytest.mark.parametrize("compression", [Compression.XZ, Compression.GZIP])
def test_a_stream_that_fits_no_flash_is_refused(compression: Compression) -> None:
    image = packed(compression)
    pack = gzip.compress if compression is Compression.GZIP else lzma.compress
    with pytest.raises(LoadError, match="unpacks to 16 MB or more, which no flash holds"):
        unpack_ota(Image.build(image.header, pack(bytes(16 << 20))))


@pytest.mark.parametrize("compression", [Compression.XZ, Compression.GZIP])
def test_a_truncated_stream_is_refused(compression: Compression) -> None:
    image = packed(compression)
    short = Image.build(image.header, image.body[:60])
    with pytest.raises(LoadError, match=rf"offset 0x40: {compression} stream: truncated after 0x3c bytes"):
        unpack_ota(short)


@pytest.mark.parametrize("compression", [Compression.XZ, Compression.GZIP])
def test_a_damaged_stream_is_refused(compression: Compression) -> None:
    image = packed(compression)
    middle = len(image.body) // 2
    body = image.body[:middle] + bytes(8) + image.body[middle + 8 :]
    with pytest.raises(LoadError, match=rf"offset 0x40: {compression} stream: damaged \("):
        unpack_ota(Image.build(image.header, body))


def test_a_damaged_image_is_not_packed() -> None:
    data = replace(APP, body=b"something else!!" + APP.body[16:]).to_bytes()
    with pytest.raises(LoadError, match="image CRC"):
        pack_ota(data)


def test_packing_gives_the_very_file_of_the_sdk(sdk: Path) -> None:
    path = sdk / "examples/ota/ota_ops/main/src/atcmd_ota.img"
    data = path.read_bytes()
    inner = unpack_ota(Image.parse(data, Origin(path.name)))
    assert pack_ota(inner.to_bytes()) == data


def test_the_packing_is_what_the_apps_own_bootloader_unpacks() -> None:
    classic = app_image("app.img", 0x080D_0400, b"code")
    for app, compression in ((APP, Compression.XZ), (classic, Compression.GZIP)):
        assert Image.parse(pack_ota(app.to_bytes(), None), ORIGIN).header.compression is compression


def test_only_a_single_app_is_packed() -> None:
    for data in (pack_ota(APP.to_bytes()), APP.to_bytes() * 2):
        with pytest.raises(LoadError, match=r"pack an app|follow the image"):
            pack_ota(data)
