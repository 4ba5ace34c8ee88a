from __future__ import annotations

from dataclasses import replace

import pytest
from support.boot import FakeBoot, build_app

from emu.loader.headers import bootloader_image
from emu.loader.image import ImageHeader
from roms.boot_checks import check_body, check_header, find_ota_image, find_run_image
from roms.boot_chip import Verdict

APP = build_app()


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.GOOD),
        ({"magic": 0}, Verdict.BAD_HEADER),
        ({"run_address": 0x0800_F404}, Verdict.NOT_ALIGNED),
        ({"run_address": 0x0800_F404, "attribute": 0x1_0001}, Verdict.GOOD),
        ({"run_address": 0x0820_0000}, Verdict.BAD_ADDRESS),
        ({"run_address": 0x2004_8000}, Verdict.BAD_ADDRESS),
        ({"run_address": 0x2000_0000}, Verdict.GOOD),
        ({"body_size": 0}, Verdict.TOO_LARGE),
        ({"body_size": 0x1F_0C00}, Verdict.TOO_LARGE),
        ({"body_size": 0x1F_0BFC}, Verdict.GOOD),
    ],
)
def test_a_header_gets_the_letter_of_its_first_fault(changes: dict[str, int], verdict: Verdict) -> None:
    header = replace(APP.header, **changes).sealed()  # type: ignore[arg-type]
    assert check_header(FakeBoot(APP).chip, header) is verdict


def test_a_header_with_a_wrong_checksum_is_bad() -> None:
    header = replace(APP.header, header_crc=1)
    assert check_header(FakeBoot(APP).chip, header) is Verdict.BAD_HEADER


def test_the_chain_leads_from_the_bootloader_to_the_app() -> None:
    assert find_run_image(FakeBoot(APP).chip, 0x2000)[:2] == (Verdict.GOOD, APP.header)


def test_a_chain_that_leads_back_ends() -> None:
    fake = FakeBoot(APP)
    image = bootloader_image("loop", bytes(4))
    header = replace(image.header, next_header_address=0x0800_2000).sealed()
    fake.device.load(0x2000, header.pack())
    assert find_run_image(fake.chip, 0x2000)[:2] == (Verdict.BAD_ADDRESS, header)


def test_the_first_app_in_app_ota_counts() -> None:
    other = bootloader_image("other", b"12345678")
    fake = FakeBoot(APP, other.to_bytes() + APP.to_bytes())
    assert find_ota_image(fake.chip, 0x13_1000)[:2] == (Verdict.GOOD, APP.header)


def test_images_at_the_end_of_flash_are_not_followed_further() -> None:
    fake = FakeBoot(APP)
    header = bootloader_image("last", bytes(4)).header
    fake.device.load(0x20_0000 - 68, header.pack() + bytes(4))
    assert find_ota_image(fake.chip, 0x20_0000 - 68)[:2] == (Verdict.BAD_ADDRESS, header)


def test_an_erased_app_ota_holds_nothing() -> None:
    verdict, header, _offset = find_ota_image(FakeBoot(APP).chip, 0x13_1000)
    assert verdict is Verdict.BAD_HEADER
    assert header == ImageHeader.unpack(b"\xff" * 64)


def test_a_damaged_body_is_found() -> None:
    fake = FakeBoot(APP)
    fake.device.load(0xF408, b"\0")
    assert find_run_image(fake.chip, 0x2000)[0] is Verdict.BAD_BODY


def test_a_body_larger_than_the_flash_is_bad_wherever_it_lies() -> None:
    header = replace(APP.header, body_size=0xFFFF_FFFF)
    assert check_body(FakeBoot(APP).chip, header, 0xF400) is Verdict.BAD_BODY
