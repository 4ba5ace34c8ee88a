from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from support.classic import FakeClassic, classic_app, classic_ota

from emu.loader.checksum import crc32
from emu.loader.image import HEADER_SIZE, Image
from peripherals.flash_operation import OperationKind, Phase, PowerCut
from roms.boot import boot
from roms.boot_chip import BootResult, DownloadMode, Start, Verdict
from roms.boot_escape import ESC
from roms.secboot import (
    ESC_WINDOW_NS,
    SECBOOT_1_0_01,
    SECBOOT_V0_6,
    SECBOOT_V1_1,
    Secboot,
    SecbootRelease,
)

OLD = classic_app(20_000, fill=b"old.")
NEW = classic_app(9_000, fill=b"new!")
OTA = classic_ota(NEW)
NO_UPDATE = 0xFFFF_FFFF
FLAG_OFFSET = 0x1F_F000
RELEASES = pytest.mark.parametrize(
    "release", [SECBOOT_V0_6, SECBOOT_1_0_01, SECBOOT_V1_1], ids=lambda release: release.name
)


def run(fake: FakeClassic, release: SecbootRelease = SECBOOT_V1_1) -> BootResult:
    return Secboot(fake.chip, release).run()


def runs(result: BootResult, app: Image) -> bool:
    return isinstance(result, Start) and result.header.pack() == app.header.pack()


def is_installed(fake: FakeClassic, app: Image) -> bool:
    offset = app.header.header_address & 0xFF_FFFF
    header, body = fake.contents(offset, HEADER_SIZE), fake.contents(offset + 0x400, len(app.body))
    return (header, body) == (app.header.pack(), app.body)


def erased_sectors(fake: FakeClassic) -> list[int]:
    return [
        operation.offset
        for operation in fake.operations
        if operation.kind is OperationKind.ERASE and operation.phase is Phase.AFTER
    ]


def damage(fake: FakeClassic, offset: int) -> None:
    fake.device.load(offset, b"\0\0\0\0")


@RELEASES
def test_a_good_app_starts_without_a_word_after_the_time_for_esc(release: SecbootRelease) -> None:
    fake = FakeClassic(OLD)
    result = run(fake, release)
    assert runs(result, OLD)
    assert isinstance(result, Start)
    assert (result.vector_table, result.entry) == (0x080D_0400, 0x080D_0500)
    assert (fake.sent, fake.operations) == (b"", [])
    assert fake.now_ns > ESC_WINDOW_NS


def test_the_app_is_where_the_next_header_leads() -> None:
    w806 = classic_app(offset=0x1_0000)
    assert runs(run(FakeClassic(w806)), w806)


@pytest.mark.parametrize("next_header", [0, 0x0820_0000, 0x0800_2000], ids=["none", "too far", "itself"])
def test_a_next_header_that_leads_nowhere_is_reported(next_header: int) -> None:
    result = run(FakeClassic(OLD, next_header=next_header))
    assert isinstance(result, DownloadMode)
    assert result.code == "J"


@RELEASES
def test_an_ota_image_waits_for_its_flag(release: SecbootRelease) -> None:
    fake = FakeClassic(OLD, OTA)
    assert runs(run(fake, release), OLD)
    assert fake.operations == []


@RELEASES
def test_with_the_flag_the_update_is_carried_out_once(release: SecbootRelease) -> None:
    fake = FakeClassic(OLD, OTA, OTA)
    assert runs(run(fake, release), NEW)
    assert is_installed(fake, NEW)
    assert fake.sent == b""
    assert erased_sectors(fake) == [0xD_0000, 0xD_0000, 0xD_1000, 0xD_2000, FLAG_OFFSET]
    assert fake.flag == NO_UPDATE
    fake.power_up()
    assert runs(run(fake, release), NEW)
    assert fake.operations == []


def test_the_flag_of_another_image_does_not_count() -> None:
    fake = FakeClassic(OLD, OTA, OLD)
    assert runs(run(fake), OLD)
    assert fake.flag == OLD.header.body_crc


def test_an_image_that_runs_already_is_not_installed() -> None:
    fake = FakeClassic(OLD, OLD, OLD)
    assert runs(run(fake), OLD)
    assert fake.operations == []


def test_the_flag_is_in_the_last_sector_whatever_the_size_of_the_flash() -> None:
    old, new = (classic_app(9_000, fill=fill, offset=0x9_0000) for fill in (b"old.", b"new!"))
    fake = FakeClassic(old, classic_ota(new), classic_ota(new), size_bytes=0x10_0000)
    assert runs(run(fake), new)
    assert erased_sectors(fake)[-1] == 0xF_F000


def test_an_uncompressed_image_is_moved() -> None:
    fake = FakeClassic(OLD, NEW, NEW)
    assert runs(run(fake), NEW)
    assert is_installed(fake, NEW)


@pytest.mark.parametrize("with_header", [True, False])
def test_a_damaged_app_is_replaced_without_any_flag(with_header: bool) -> None:
    fake = FakeClassic(OLD, OTA)
    damage(fake, 0xD_0500 if with_header else 0xD_0000)
    assert runs(run(fake), NEW)
    assert fake.flag == NO_UPDATE
    assert FLAG_OFFSET not in erased_sectors(fake)


@pytest.mark.parametrize(("offset", "code"), [(0xD_0000, "L"), (0xD_0008, "L"), (0xD_0500, "M")])
def test_a_damaged_app_without_an_update_is_reported(offset: int, code: str) -> None:
    fake = FakeClassic(OLD)
    damage(fake, offset)
    result = run(fake)
    assert isinstance(result, DownloadMode)
    assert result.code == code
    assert "nor is there an OTA image at 0x08010000" in result.reason


@pytest.mark.parametrize("offset", [0x1_0014, 0x1_0050], ids=["header", "body"])
def test_a_damaged_ota_image_is_left_alone(offset: int) -> None:
    fake = FakeClassic(OLD, OTA, OTA)
    damage(fake, offset)
    assert runs(run(fake), OLD)
    assert fake.flag == OTA.header.body_crc


@RELEASES
def test_data_that_cannot_be_unpacked_keep_a_good_app_from_starting(release: SecbootRelease) -> None:
    """Until somebody erases the flag or types ESC, where that helps."""
    ota = classic_ota(NEW, b"\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff\xff\xff")
    fake = FakeClassic(OLD, ota, ota)
    result = run(fake, release)
    assert isinstance(result, DownloadMode)
    assert (result.code, fake.operations) == ("M", [])
    fake.power_up()
    assert run(fake, release) == result


def test_an_app_that_does_not_fit_is_not_written() -> None:
    huge = Image.build(NEW.header, bytes(0x13_0000))
    ota = classic_ota(huge)
    fake = FakeClassic(OLD, ota, ota)
    assert runs(run(fake), OLD)
    assert erased_sectors(fake) == [FLAG_OFFSET]


def test_an_image_with_a_bad_header_inside_leaves_the_old_app_in_charge() -> None:
    bad = gzip.compress(replace(NEW.header, header_crc=1).pack() + NEW.body)
    fake = FakeClassic(OLD, classic_ota(NEW, bad), classic_ota(NEW, bad))
    assert runs(run(fake), OLD)
    assert erased_sectors(fake) == [FLAG_OFFSET]
    result = run(FakeClassic(None, classic_ota(NEW, bad)))
    assert isinstance(result, DownloadMode)
    assert result.code == "M"


def test_an_app_that_would_run_below_the_flash_is_not_written() -> None:
    low = Image(replace(NEW.header, run_address=0x0010_0400).sealed(), NEW.body)
    ota = classic_ota(NEW, classic_ota(low).body)
    fake = FakeClassic(OLD, ota, ota)
    result = run(fake)
    assert isinstance(result, DownloadMode)
    assert (result.code, fake.operations) == ("M", [])


def test_a_body_that_turns_out_to_be_wrong_is_reported_at_every_start() -> None:
    bad = Image(replace(NEW.header, body_crc=1).sealed(), NEW.body)
    ota = classic_ota(bad)
    fake = FakeClassic(OLD, ota, ota)
    result = run(fake)
    assert isinstance(result, DownloadMode)
    assert (result.code, fake.flag) == ("M", NO_UPDATE)
    fake.power_up()
    assert run(fake) == result


def test_a_stream_that_ends_early_is_written_over_all_that_follows() -> None:
    whole = gzip.compress(NEW.to_bytes(), compresslevel=0, mtime=0)
    without_end = whole[:10] + b"\0" + whole[11:-8]  # the stored block is no longer the last one
    ota = classic_ota(NEW, without_end + b"\xfa\xff")  # literals of nine ones each
    fake = FakeClassic(OLD, ota, ota)
    result = run(fake)
    assert isinstance(result, DownloadMode)
    assert result.code is Verdict.BAD_BODY
    assert "for ever" in result.reason
    assert erased_sectors(fake)[-1] == FLAG_OFFSET
    assert fake.contents(0xE_0000, 0x11_F000).count(0xFF) == 0x11_F000


def esc(fake: FakeClassic) -> FakeClassic:
    fake.received = [(1_000_000 * number, ESC) for number in (1, 2, 3)]
    return fake


@pytest.mark.parametrize(
    ("release", "banner"),
    [
        (SECBOOT_V0_6, b"Secboot V0.6\r\n"),
        (SECBOOT_1_0_01, b""),
        (SECBOOT_V1_1, b"Secboot V1.1\r\n"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_three_esc_lead_to_the_mask_rom(release: SecbootRelease, banner: bytes) -> None:
    fake = esc(FakeClassic(OLD))
    assert run(fake, release) == DownloadMode(Verdict.GOOD, "ESC was pressed three times")
    assert (fake.sent, fake.operations) == (banner, [])


@pytest.mark.parametrize(("release", "is_cancelled"), [(SECBOOT_V0_6, False), (SECBOOT_V1_1, True)])
def test_esc_cancels_an_update_since_v1_1(release: SecbootRelease, is_cancelled: bool) -> None:
    fake = esc(FakeClassic(OLD, OTA, OTA))
    run(fake, release)
    assert erased_sectors(fake) == [FLAG_OFFSET]
    assert (fake.flag == NO_UPDATE) is is_cancelled


@pytest.mark.parametrize(("release", "is_taken"), [(SECBOOT_V0_6, True), (SECBOOT_V1_1, False)])
def test_headers_with_the_checksum_at_its_old_place_are_taken_until_v1_1(
    release: SecbootRelease, is_taken: bool
) -> None:
    unsealed = replace(OLD.header, header_crc=1)
    old_style = replace(unsealed, next_header_address=crc32(unsealed.pack()[:0x38]))
    fake = FakeClassic(Image(old_style, OLD.body))
    assert isinstance(run(fake, release), Start) is is_taken


def test_images_of_other_types_before_the_ota_image_are_passed_over() -> None:
    fake = FakeClassic(OLD)
    bootloader = Image.build(replace(NEW.header, attribute=0), bytes(0x400))
    ota = Image.build(replace(OTA.header, upgrade_address=0x0801_0440), OTA.body)
    fake.device.load(0x1_0000, bootloader.to_bytes() + ota.to_bytes())
    fake.set_flag(ota.header.body_crc)
    assert runs(run(fake), NEW)
    assert fake.contents(0x2000, 4) == b"\x9f\xff\xff\xa0"
    assert 0x2000 not in erased_sectors(fake)


def operations_of_an_update() -> int:
    fake = FakeClassic(OLD, OTA, OTA)
    run(fake)
    return len(fake.operations)


def test_a_power_cut_at_any_moment_ends_in_the_new_app() -> None:
    """Nothing touches the OTA image, and once the app is damaged it needs no flag."""
    for moment in range(operations_of_an_update()):
        fake = FakeClassic(OLD, OTA, OTA)
        fake.power_cut_after = moment
        with pytest.raises(PowerCut):
            run(fake)
        fake.power_up()
        assert runs(boot(fake.chip, SECBOOT_V1_1), NEW), f"cut after {moment} operations"
        assert is_installed(fake, NEW)


def test_the_mask_rom_has_its_say_first() -> None:
    fake = FakeClassic(OLD)
    damage(fake, 0x2000)
    result = boot(fake.chip, SECBOOT_V1_1)
    assert isinstance(result, DownloadMode)
    assert result.reason.startswith("the bootloader at 0x08002000 is no good")
