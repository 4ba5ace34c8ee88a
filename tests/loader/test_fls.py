from __future__ import annotations

import pytest

from emu.loader.errors import LoadError, Origin
from emu.loader.fls import build_fls, parse_fls
from emu.loader.headers import app_image, stand_in_bootloader
from emu.loader.partition_table import OTA_LAYOUT

BOOTLOADER = stand_in_bootloader(0x0800_F000)
APP = app_image("app", 0x0800_F400, b"code", OTA_LAYOUT)
ORIGIN = Origin("app.fls")


def test_images_follow_each_other_in_any_order() -> None:
    images = parse_fls(build_fls([APP, BOOTLOADER]), ORIGIN)
    assert images == (APP, BOOTLOADER)
    assert [image.origin.offset for image in images] == [0, 68]


def test_a_single_image_is_a_package_of_one() -> None:
    assert parse_fls(APP.to_bytes(), ORIGIN) == (APP,)


def test_rubbish_behind_an_image_is_refused_with_its_offset() -> None:
    with pytest.raises(LoadError, match=r"app\.fls: offset 0x44: magic: 0x20202020 instead of"):
        parse_fls(APP.to_bytes() + b" " * 64, ORIGIN)


def test_an_empty_package_is_refused() -> None:
    with pytest.raises(LoadError, match=r"app\.fls: offset 0x0: header: 0 of 64 bytes"):
        parse_fls(b"", ORIGIN)
