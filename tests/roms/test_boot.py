from __future__ import annotations

from support.boot import RESET_VECTOR, FakeBoot, build_app

from roms.boot import boot, boot_rom
from roms.boot_chip import DownloadMode, Start, Verdict


def test_the_mask_rom_hands_over_to_a_good_bootloader() -> None:
    result = boot_rom(FakeBoot(build_app()).chip)
    assert isinstance(result, Start)
    assert result.vector_table == 0x0800_2400
    assert result.header.next_header_address == 0x0800_F000


def test_a_low_boot_pin_means_download() -> None:
    result = boot_rom(FakeBoot(build_app()).chip, boot_pin_high=False)
    assert result == DownloadMode(Verdict.GOOD, "the BOOT pin is low")


def test_a_damaged_bootloader_header_gives_the_letter_l() -> None:
    fake = FakeBoot(build_app())
    fake.device.load(0x2030, b"\x55")
    result = boot_rom(fake.chip)
    assert isinstance(result, DownloadMode)
    assert result.code == "L"
    assert result.reason == (
        "the bootloader at 0x08002000 is no good: its header has a wrong magic number or CRC; flash another"
    )


def test_a_damaged_bootloader_gives_the_letter_m() -> None:
    fake = FakeBoot(build_app())
    fake.device.load(0x2410, b"\x55")
    result = boot_rom(fake.chip)
    assert isinstance(result, DownloadMode)
    assert result.code == "M"


def test_the_whole_way_ends_at_the_reset_vector_of_the_app() -> None:
    fake = FakeBoot(build_app())
    result = boot(fake.chip)
    assert isinstance(result, Start)
    assert (result.vector_table, result.entry) == (0x0800_F400, RESET_VECTOR)
    assert fake.sent == b""
    assert fake.operations == []


def test_without_a_bootloader_the_app_is_not_reached() -> None:
    fake = FakeBoot(build_app())
    fake.device.load(0x2000, b"\xff" * 64)
    assert isinstance(boot(fake.chip), DownloadMode)
