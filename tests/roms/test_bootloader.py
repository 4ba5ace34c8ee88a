from __future__ import annotations

import pytest
from support.boot import RESET_VECTOR, FakeBoot, build_app, with_flags

from emu.loader.partition_table import LARGE_LAYOUT, OTA_LAYOUT
from peripherals.flash_operation import OperationKind
from roms.boot_chip import DownloadMode, Start, Verdict
from roms.bootloader import ESC_WINDOW_NS, Bootloader

ESC = 0x1B
SKIP_ESC, SKIP_UPGRADE, SKIP_INTEGRITY = 8, 16, 32
DEBUG, ERROR = 4, 1


def test_a_good_app_starts_silently_after_the_time_for_esc() -> None:
    fake = FakeBoot(build_app())
    result = Bootloader(fake.chip).run()
    assert isinstance(result, Start)
    assert (result.vector_table, result.entry) == (0x0800_F400, RESET_VECTOR)
    assert fake.sent == b""
    assert fake.operations == []
    assert fake.now_ns > ESC_WINDOW_NS


def test_every_step_can_be_watched() -> None:
    fake = FakeBoot(with_flags(build_app(), DEBUG))
    assert isinstance(Bootloader(fake.chip).run(), Start)
    assert fake.lines == [
        "[D] check ESC",
        "[D] check update",
        "[D] run:magic=a0ffff9f addr=800f400",
        "[D] img: run=43 ota=4C",
    ]


def test_a_table_without_app_ota_means_no_update() -> None:
    fake = FakeBoot(with_flags(build_app(table=LARGE_LAYOUT), DEBUG), table=LARGE_LAYOUT)
    assert isinstance(Bootloader(fake.chip).run(), Start)
    assert "[D] no app_ota -8" in fake.lines
    assert "[D] img: run=43 ota=4A" in fake.lines


def test_three_esc_lead_to_the_mask_rom() -> None:
    fake = FakeBoot(build_app())
    fake.received = [(1_000_000, ESC), (2_000_000, ESC), (3_000_000, ESC)]
    result = Bootloader(fake.chip).run()
    assert result == DownloadMode(Verdict.GOOD, "ESC was pressed three times")
    assert fake.lines == ["Secboot Va.2", "[I] ESC pressed", "[E] to rom 1038"]


@pytest.mark.parametrize(
    ("received", "is_heard"),
    [
        ([(1, ESC), (2, ESC)], False),
        ([(1, ESC), (2, ESC), (3, 0x41), (4, ESC)], False),
        ([(1, 0x41), (2, ESC), (3, ESC), (4, ESC)], True),
        ([(60, ESC), (120, ESC), (180, ESC)], True),
        ([(60, 0x41), (120, ESC), (121, ESC), (122, ESC)], False),
    ],
    ids=["two", "interrupted", "after another key", "each opens the window anew", "too late"],
)
def test_esc_has_to_come_three_times_in_a_row_in_time(
    received: list[tuple[int, int]], is_heard: bool
) -> None:
    fake = FakeBoot(build_app())
    fake.received = [(time_ms * 1_000_000, byte) for time_ms, byte in received]
    assert isinstance(Bootloader(fake.chip).run(), DownloadMode) is is_heard


def test_the_check_for_esc_can_be_skipped() -> None:
    fake = FakeBoot(with_flags(build_app(), SKIP_ESC))
    fake.received = [(0, ESC)] * 3
    assert isinstance(Bootloader(fake.chip).run(), Start)
    assert fake.now_ns < ESC_WINDOW_NS


def test_a_damaged_app_without_an_ota_image_leads_to_the_mask_rom() -> None:
    fake = FakeBoot(build_app())
    fake.device.load(0xF410, b"\0\0\0\0")
    result = Bootloader(fake.chip).run()
    assert result == DownloadMode(
        Verdict.BAD_BODY,
        "the app is no good: its body has a wrong CRC; "
        "nor is app_ota: its header has a wrong magic number or CRC",
    )
    assert fake.lines == ["[E] img invalid", "[E] to rom 1038"]


def test_an_erased_app_leads_to_the_mask_rom_without_a_word() -> None:
    fake = FakeBoot(build_app())
    fake.device.load(0xF000, b"\xff" * 0x1000)
    result = Bootloader(fake.chip).run()
    assert isinstance(result, DownloadMode)
    assert result.code == "C"
    assert result.reason.startswith("the app at 0x0800f000 is no good: its header")
    assert fake.sent == b""


@pytest.mark.parametrize(
    ("offset", "data", "reason"),
    [
        (0xE000, b"\0\0\0\0", "magic: 0x00000000 instead of 0xa1f2f39f"),
        (0xE000 + 12 + 28 * 3, b"bpp", "the partition table has no app"),
        (0xE000 + 12 + 28, b"c", "the partition table has no bootloader"),
    ],
)
def test_a_bad_partition_table_leads_to_the_mask_rom(offset: int, data: bytes, reason: str) -> None:
    fake = FakeBoot(build_app())
    fake.device.load(offset, data)
    result = Bootloader(fake.chip).run()
    assert isinstance(result, DownloadMode)
    assert reason in result.reason


def test_the_md5_of_the_table_is_not_looked_at() -> None:
    fake = FakeBoot(build_app())
    fake.device.load(0xE000 + 12 + 28 * 7, bytes(16))
    assert isinstance(Bootloader(fake.chip).run(), Start)


def test_an_app_may_ask_not_to_look_for_updates() -> None:
    old, new = with_flags(build_app(), SKIP_UPGRADE | 3), build_app(fill=b"new!")
    fake = FakeBoot(old, new.to_bytes())
    result = Bootloader(fake.chip).run()
    assert isinstance(result, Start)
    assert result.header == old.header
    assert fake.operations == []


def test_after_an_ota_it_is_looked_for_all_the_same() -> None:
    old, new = with_flags(build_app(), SKIP_UPGRADE | 3), build_app(fill=b"new!")
    fake = FakeBoot(old, new.to_bytes())
    fake.reboot_reason = 0x1234_5605
    result = Bootloader(fake.chip).run()
    assert isinstance(result, Start)
    assert result.header.body_crc == new.header.body_crc


def test_a_damaged_app_cannot_ask_for_anything() -> None:
    old, new = with_flags(build_app(), SKIP_UPGRADE | 3), build_app(fill=b"new!")
    fake = FakeBoot(old, new.to_bytes())
    fake.device.load(0xF410, b"\0\0\0\0")
    result = Bootloader(fake.chip).run()
    assert isinstance(result, Start)
    assert result.header.body_crc == new.header.body_crc


def test_the_last_check_can_be_skipped_by_the_old_app() -> None:
    checked, skipped = (
        FakeBoot(with_flags(build_app(), flags), build_app(fill=b"new!").to_bytes())
        for flags in (DEBUG, DEBUG | SKIP_INTEGRITY)
    )
    for fake in (checked, skipped):
        assert isinstance(Bootloader(fake.chip).run(), Start)
    assert "[D] check img" in checked.lines
    assert "[D] check img" not in skipped.lines


def test_errors_can_be_silenced_too() -> None:
    fake = FakeBoot(with_flags(build_app(), SKIP_ESC))
    fake.device.load(0xF410, b"\0\0\0\0")
    assert isinstance(Bootloader(fake.chip).run(), DownloadMode)
    assert fake.sent == b""


def test_the_same_image_in_both_places_is_not_moved() -> None:
    app = with_flags(build_app(), DEBUG)
    fake = FakeBoot(app, app.to_bytes())
    assert isinstance(Bootloader(fake.chip).run(), Start)
    assert fake.lines[-1] == "[D] no OTA move"
    assert fake.operations == []


def test_an_image_carried_out_before_is_not_taken_again() -> None:
    old, new = with_flags(build_app(), DEBUG), build_app(fill=b"new!")
    fake = FakeBoot(old, new.to_bytes())
    mark_offset = OTA_LAYOUT.require("app_ota").end - 0x1000
    fake.device.load(mark_offset, new.header.body_crc.to_bytes(4, "little"))
    result = Bootloader(fake.chip).run()
    assert isinstance(result, Start)
    assert result.header == old.header
    assert fake.lines[-1] == "[D] no OTA move"


def test_a_damaged_ota_image_leaves_the_app_alone() -> None:
    old = build_app()
    damaged = bytearray(build_app(fill=b"new!").to_bytes())
    damaged[100] ^= 1
    fake = FakeBoot(old, bytes(damaged))
    result = Bootloader(fake.chip).run()
    assert isinstance(result, Start)
    assert result.header == old.header
    assert not [operation for operation in fake.operations if operation.kind is OperationKind.ERASE]
