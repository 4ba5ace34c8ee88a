from __future__ import annotations

from dataclasses import replace

import pytest
from support.boot import build_app

from emu.loader.headers import stand_in_bootloader
from emu.loader.image import ImageHeader
from roms.boot_update import SDK_2_0, SECBOOT_VA_2
from roms.known_bootloaders import identify, is_stand_in, release_to_model
from roms.secboot import SECBOOT_V0_6, SECBOOT_V1_1

STAND_IN = stand_in_bootloader(0x0800_F000).header


def header_of(body_size: int, body_crc: int) -> ImageHeader:
    return replace(STAND_IN, body_size=body_size, body_crc=body_crc)


@pytest.mark.parametrize(
    ("body_size", "body_crc", "name"),
    [
        (0x6984, 0x4808_2837, "Secboot Va.2"),
        (0x53DC, 0xFF46_F553, "Secboot V1.1"),
        (0x7B5C, 0x7C67_C28A, "Secboot V0.6"),
        (0x7C00, 0x2E1F_E56C, "Secboot V0.6"),
        (0xA850, 0x816B_2C6C, "secboot 1.0.01"),
    ],
)
def test_binaries_are_known_by_the_size_and_crc_of_their_bodies(
    body_size: int, body_crc: int, name: str
) -> None:
    release = identify(header_of(body_size, body_crc))
    assert release is not None
    assert release.name == name
    assert identify(header_of(body_size, body_crc ^ 1)) is None
    assert identify(header_of(body_size + 4, body_crc)) is None


def test_the_stand_in_is_known_whatever_app_it_names() -> None:
    assert is_stand_in(stand_in_bootloader(0x080D_0000).header)
    assert is_stand_in(stand_in_bootloader(0x0801_0000).header)
    assert not is_stand_in(build_app().header)


def test_a_known_bootloader_is_modelled_as_what_it_is() -> None:
    assert release_to_model(header_of(0x6984, 0x4808_2837), has_partition_table=False) is SECBOOT_VA_2
    assert release_to_model(header_of(0x7B5C, 0x7C67_C28A), has_partition_table=True) is SECBOOT_V0_6


def test_for_the_stand_in_the_partition_table_decides() -> None:
    assert release_to_model(STAND_IN, has_partition_table=True) is SDK_2_0
    assert release_to_model(STAND_IN, has_partition_table=False) is SECBOOT_V1_1
