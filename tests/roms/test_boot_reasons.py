"""Why an update is not carried out is told with the field of the header, beside what the chip itself prints."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.boot import FakeBoot, build_app
from support.classic import FakeClassic, classic_app, classic_ota

from emu.loader.image import Image, ImageHeader
from emu.loader.ota import pack_ota
from emu.loader.partition_table import LARGE_LAYOUT, OTA_LAYOUT
from roms.boot_chip import Start
from roms.bootloader import REBOOT_AFTER_OTA, Bootloader
from roms.secboot import OTA_OFFSET, Secboot

OLD = build_app(20_000, fill=b"old.")
NEW = build_app(5_000, fill=b"new!")
OTA = pack_ota(NEW.to_bytes())
AT = f"{0x0800_0000 + OTA_LAYOUT.require('app_ota').offset:#010x}"
CLASSIC = classic_app(20_000, fill=b"old.")
CLASSIC_OTA = classic_ota(classic_app(9_000, fill=b"new!"))


def changed(**fields: int) -> bytes:
    """The OTA image with other fields in its header, which is sealed anew."""
    header = replace(ImageHeader.unpack(OTA[:64]), **fields).sealed()  # type: ignore[arg-type]
    return header.pack() + OTA[64:]


def notes_of(fake: FakeBoot, *, reboot_reason: int = 0) -> list[str]:
    fake.reboot_reason = reboot_reason
    assert isinstance(Bootloader(fake.chip).run(), Start)
    return fake.notes


@pytest.mark.parametrize(
    ("ota", "reason"),
    [
        (OTA[:-1] + b"?", "body CRC 0x"),
        (
            changed(run_address=0x0820_0000),
            "run address 0x08200000 and image type 1: there is none, or it runs",
        ),
        (
            changed(run_address=0x0800_F404),
            "run address 0x0800f404 and image type 1: its run address is no mult",
        ),
        (
            changed(body_size=0x20_0000),
            "body size 0x200000 and run address 0x0800f400: its body is empty or ends",
        ),
        (changed(body_size=0), "body size 0x0 and run"),
        (OTA[:60] + b"1234" + OTA[64:], "CRC 0x34333231, 0x"),
    ],
)
def test_a_refused_image_is_told_with_the_field_of_its_header(ota: bytes, reason: str) -> None:
    (note,) = notes_of(FakeBoot(OLD, ota))
    assert note.startswith(f"no update, the image at {AT} in app_ota is refused: the header has {reason}")


def test_an_image_of_another_type_is_passed_over_for_what_lies_behind_it() -> None:
    (note,) = notes_of(FakeBoot(OLD, changed(attribute=ImageHeader.unpack(OTA[:64]).attribute & ~15)))
    behind = f"{int(AT, 16) + len(OTA):#010x}"
    assert note.startswith(
        f"no update, the image at {behind} in app_ota is refused: the header has magic number"
    )


@pytest.mark.parametrize(
    ("ota", "reason"),
    [
        (changed(attribute=0x20_0001), "the header has attribute 0x200001, a compression that"),
        (Image.build(ImageHeader.unpack(OTA[:64]), b"no xz at all").to_bytes(), "its body is no xz data"),
        (Image.build(ImageHeader.unpack(OTA[:64]), OTA[64:-20]).to_bytes(), "its packed data"),
        (
            pack_ota(build_app(0x13_0000).to_bytes()),
            "inside it, the header has run address 0x0800f400 and body",
        ),
    ],
)
def test_an_image_that_turns_out_to_be_bad_while_it_is_unpacked_is_told_too(ota: bytes, reason: str) -> None:
    (note,) = notes_of(FakeBoot(OLD, ota))
    assert note.startswith(f"no update, the image in app_ota is refused: {reason}")


def test_where_nobody_has_put_an_image_nothing_is_told() -> None:
    assert notes_of(FakeBoot(OLD)) == []
    assert notes_of(FakeBoot(OLD, b"settings")) == []
    assert notes_of(FakeBoot(build_app(table=LARGE_LAYOUT), table=LARGE_LAYOUT)) == []


@pytest.mark.parametrize(
    ("fake", "reason"),
    [
        (FakeBoot(OLD), "the header has magic number 0xffffffff instead of 0xa0ffff9f"),
        (FakeBoot(OLD, OLD.to_bytes()), "that in app_ota is the app that runs already"),
        (FakeBoot(build_app(table=LARGE_LAYOUT), table=LARGE_LAYOUT), "the partition table has no app_ota"),
    ],
)
def test_after_a_restart_for_an_update_every_reason_is_told(fake: FakeBoot, reason: str) -> None:
    (note,) = notes_of(fake, reboot_reason=REBOOT_AFTER_OTA)
    assert note.startswith("no update")
    assert reason in note


def test_an_update_that_succeeds_leaves_nothing_to_tell_then_and_later() -> None:
    fake = FakeBoot(OLD, OTA)
    assert notes_of(fake, reboot_reason=REBOOT_AFTER_OTA) == []
    assert notes_of(fake) == []
    (note,) = notes_of(fake, reboot_reason=REBOOT_AFTER_OTA)
    assert note == "no update: that in app_ota was carried out before, as its flag says"


def test_telling_takes_no_virtual_time() -> None:
    fake, silent = FakeBoot(OLD, OTA[:-1] + b"?"), FakeBoot(OLD, OTA[:-1] + b"?")
    notes_of(fake)
    Bootloader(replace(silent.chip, note=lambda text: None)).run()
    assert fake.now_ns == silent.now_ns


def classic_notes(fake: FakeClassic) -> list[str]:
    assert isinstance(Secboot(fake.chip).run(), Start)
    return fake.notes


@pytest.mark.parametrize(
    ("damage", "flag", "reason"),
    [
        (lambda fake: fake.device.load(OTA_OFFSET + 80, b"????"), CLASSIC_OTA.header.body_crc, "is refused: the header has body CRC"),
        (lambda fake: fake.device.load(OTA_OFFSET, b"????"), 5, "is refused: the header has magic number 0x3f3f3f3f"),
        (lambda fake: None, 5, "is not meant: the update flag at 0x081ff000 is 0x00000005, its body CRC 0x"),
    ],
)  # fmt: skip
def test_the_classic_bootloader_tells_why_a_flag_has_no_effect(
    damage: Callable[[FakeClassic], None], flag: int, reason: str
) -> None:
    fake = FakeClassic(CLASSIC, CLASSIC_OTA)
    damage(fake)
    fake.set_flag(flag)
    (note,) = classic_notes(fake)
    assert note.startswith(f"no update, the image at 0x08010000 {reason}")


def test_the_classic_bootloader_tells_nothing_where_no_update_is_asked_for() -> None:
    fake = FakeClassic(CLASSIC, CLASSIC_OTA)
    fake.device.load(OTA_OFFSET + 80, b"????")
    assert classic_notes(fake) == []


def test_what_is_inside_a_classic_update_is_told_too() -> None:
    inside = replace(CLASSIC.header, header_crc=1).pack() + CLASSIC.body
    ota = classic_ota(CLASSIC, gzip.compress(inside))
    (note,) = classic_notes(FakeClassic(CLASSIC, ota, flag=ota))
    refused = "no update, the image at 0x08010000 is refused: inside it, the header has CRC 0x00000001"
    assert note.startswith(refused)
