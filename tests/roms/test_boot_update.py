from __future__ import annotations

import lzma
import random
from dataclasses import replace

import pytest
from support.boot import FakeBoot, build_app, with_flags

from emu.loader.image import Compression, Image, ImageHeader
from emu.loader.ota import pack_ota
from emu.loader.partition_table import OTA_LAYOUT
from peripherals.flash_operation import OperationKind, Phase, PowerCut
from roms.boot import boot
from roms.boot_chip import BootResult, DownloadMode, Start, Verdict
from roms.boot_update import SDK_2_0, SECBOOT_VA_2, Release
from roms.bootloader import Bootloader

OLD = build_app(20_000, fill=b"old.")
NEW = build_app(5_000, fill=b"new!")
LARGE = build_app(0x2_8000, fill=random.Random(1).randbytes(0x2_8000))
MARK_OFFSET = OTA_LAYOUT.require("app_ota").end - 0x1000
ERROR = 1


def repacked(ota: bytes, body: bytes) -> bytes:
    """An OTA image with good checksums around another body."""
    return Image.build(ImageHeader.unpack(ota[:64]), body).to_bytes()


def xz(data: bytes, *, dictionary: int = 0x8000) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": dictionary}]
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=filters)


def runs(result: BootResult, app: Image) -> bool:
    return isinstance(result, Start) and result.header.body_crc == app.header.body_crc


def mark_of(fake: FakeBoot) -> int:
    return int.from_bytes(fake.contents(MARK_OFFSET, 4), "little")


@pytest.mark.parametrize("compression", Compression)
def test_an_update_replaces_header_and_body(compression: Compression) -> None:
    fake = FakeBoot(OLD, pack_ota(NEW.to_bytes(), compression))
    assert runs(Bootloader(fake.chip).run(), NEW)
    assert fake.contents(0xF000, 64) == NEW.header.pack()
    assert fake.contents(0xF400, NEW.header.body_size) == NEW.body


def test_the_story_is_told_on_the_console() -> None:
    fake = FakeBoot(OLD, pack_ota(LARGE.to_bytes()))
    assert runs(Bootloader(fake.chip).run(), LARGE)
    assert fake.lines == ["start unxz, please wait...", "...........", "unxz succeed"]


@pytest.mark.parametrize(
    ("release", "flags", "is_told"),
    [(SDK_2_0, 0, True), (SDK_2_0, 8, False), (SECBOOT_VA_2, 0, False), (SECBOOT_VA_2, 11, True)],
)
def test_an_app_without_boot_flags_is_silent_for_the_bootloader_that_knows_them(
    release: Release, flags: int, is_told: bool
) -> None:
    fake = FakeBoot(with_flags(OLD, flags), pack_ota(NEW.to_bytes()))
    assert runs(Bootloader(fake.chip, release).run(), NEW)
    assert bool(fake.lines) is is_told


def test_the_latest_bootloader_uses_other_words() -> None:
    fake = FakeBoot(with_flags(OLD, 4), pack_ota(NEW.to_bytes()))
    assert runs(Bootloader(fake.chip, SECBOOT_VA_2).run(), NEW)
    ota = ImageHeader.unpack(fake.contents(0x13_1000, 64))
    assert fake.lines[2:] == [
        "[D] run:magic=a0ffff9f addr=800f400",
        "[D] img: run=43 ota=43",
        "[I] unxz...",
        f"[D] from 8131040 len {ota.body_size:x}",
        ".",
        "[I] unxz succeed",
        f"[D] update flag {ota.body_crc:08X}",
        "[D] check img",
    ]


def test_an_uncompressed_image_is_moved() -> None:
    fake = FakeBoot(OLD, NEW.to_bytes())
    assert runs(Bootloader(fake.chip).run(), NEW)
    assert fake.lines == ["[I] B->A..."]


def test_the_old_app_decides_how_much_is_printed() -> None:
    fake = FakeBoot(with_flags(OLD, ERROR), pack_ota(with_flags(NEW, 4).to_bytes()))
    assert runs(Bootloader(fake.chip).run(), NEW)
    assert fake.sent == b""


@pytest.mark.parametrize("compression", Compression)
def test_the_next_start_does_not_update_again(compression: Compression) -> None:
    fake = FakeBoot(OLD, pack_ota(NEW.to_bytes(), compression))
    Bootloader(fake.chip).run()
    fake.power_up()
    assert runs(Bootloader(fake.chip).run(), NEW)
    assert fake.operations == []


def test_a_second_update_is_carried_out() -> None:
    fake = FakeBoot(OLD, pack_ota(NEW.to_bytes()))
    Bootloader(fake.chip).run()
    fake.device.load(0x13_1000, pack_ota(OLD.to_bytes()))
    assert runs(Bootloader(fake.chip).run(), OLD)
    assert fake.contents(0xF400, OLD.header.body_size) == OLD.body


def test_the_header_is_written_before_the_body() -> None:
    fake = FakeBoot(OLD, pack_ota(NEW.to_bytes()))
    Bootloader(fake.chip).run()
    erased = [
        operation.offset
        for operation in fake.operations
        if operation.kind is OperationKind.ERASE and operation.phase is Phase.AFTER
    ]
    assert erased == [0xF000, 0xF000, 0x1_0000, MARK_OFFSET]


def test_what_follows_a_block_of_32_kb_is_written_into_the_sector_again() -> None:
    fake = FakeBoot(OLD, pack_ota(LARGE.to_bytes()))
    Bootloader(fake.chip).run()
    erased = [
        operation.offset
        for operation in fake.operations
        if operation.kind is OperationKind.ERASE and operation.phase is Phase.AFTER
    ]
    assert erased.count(0x1_0000) == 1
    assert erased.count(0xF000 + 0x8000) == 2  # 0x8000 - 64 bytes from 0xF400 end inside this sector


def failed(ota: bytes, release: Release | None = None) -> tuple[FakeBoot, BootResult]:
    fake = FakeBoot(OLD, ota)
    loader = Bootloader(fake.chip, release) if release else Bootloader(fake.chip)
    return fake, loader.run()


def test_gzip_is_unknown_to_the_latest_bootloader() -> None:
    fake, result = failed(pack_ota(NEW.to_bytes(), Compression.GZIP), SECBOOT_VA_2)
    assert runs(result, OLD)
    assert fake.lines == ["[E] bad compress"]


def test_a_truncated_stream_leaves_the_old_app_if_nothing_was_unpacked() -> None:
    ota = pack_ota(NEW.to_bytes())
    fake, result = failed(repacked(ota, ota[64:100]))
    assert runs(result, OLD)
    assert fake.lines == ["start unxz, please wait...", "...", "[E] unxz failed:8"]


def test_a_stream_truncated_later_leaves_no_app_and_says_so_at_every_start() -> None:
    ota = pack_ota(LARGE.to_bytes())
    fake, result = failed(repacked(ota, ota[64:100_064]))
    reason = "the app that runs at 0x0800f400 is no good: its body has a wrong CRC"
    assert result == DownloadMode(Verdict.BAD_BODY, reason)
    assert fake.lines[-3:] == ["[E] unxz failed:8", "[E] check fail", "[E] to rom 1038"]
    fake.power_up()
    assert Bootloader(fake.chip).run() == result
    assert fake.lines[0] == "start unxz, please wait..."


def test_too_large_a_dictionary_is_refused() -> None:
    body = xz(NEW.to_bytes(), dictionary=0x1_0000)
    fake, result = failed(repacked(pack_ota(NEW.to_bytes()), body))
    assert runs(result, OLD)
    assert fake.lines == ["start unxz, please wait...", ".", "[E] unxz failed:4"]


def test_an_image_larger_than_the_partition_is_not_written() -> None:
    app_size = OTA_LAYOUT.require("app").size_bytes
    huge = Image.build(NEW.header, bytes(app_size))
    fake, result = failed(pack_ota(huge.to_bytes()))
    assert runs(result, OLD)
    assert fake.lines == [
        "start unxz, please wait...",
        "[E] Image length exceeds app partition size",
        "[E] unxz fail",
    ]


def test_an_image_with_a_bad_header_inside_is_not_written() -> None:
    bad = replace(NEW.header, header_crc=1)
    fake, result = failed(repacked(pack_ota(NEW.to_bytes()), xz(bad.pack() + NEW.body)))
    assert runs(result, OLD)
    assert fake.lines == ["start unxz, please wait...", "[E] img_header check failed", "[E] unxz fail"]


def test_an_image_with_a_bad_body_inside_is_found_at_the_end() -> None:
    bad = replace(NEW.header, body_crc=1).sealed()
    fake, result = failed(repacked(pack_ota(NEW.to_bytes()), xz(bad.pack() + NEW.body)))
    assert isinstance(result, DownloadMode)
    assert fake.lines[-3:] == ["unxz succeed", "[E] check fail", "[E] to rom 1038"]


def test_an_image_that_failed_is_not_tried_again_while_the_old_app_is_good() -> None:
    ota = pack_ota(NEW.to_bytes())
    fake, _ = failed(repacked(ota, ota[64:100]))
    assert mark_of(fake) == ImageHeader.unpack(fake.contents(0x13_1000, 64)).body_crc
    fake.power_up()
    assert runs(Bootloader(fake.chip).run(), OLD)
    assert fake.operations == []


def operations_of_an_update(compression: Compression) -> int:
    fake = FakeBoot(OLD, pack_ota(NEW.to_bytes(), compression))
    Bootloader(fake.chip).run()
    return len(fake.operations)


@pytest.mark.parametrize("compression", Compression)
def test_a_power_cut_at_any_moment_ends_in_the_new_app_or_is_reported(compression: Compression) -> None:
    """The chip's own weak spot stays: while the sector of the header is erased, there is no app to start."""
    ota = pack_ota(NEW.to_bytes(), compression)
    lost = 0
    for moment in range(operations_of_an_update(compression)):
        fake = FakeBoot(OLD, ota)
        fake.power_cut_after = moment
        with pytest.raises(PowerCut):
            Bootloader(fake.chip).run()
        header_is_gone = fake.contents(0xF000, 64) == b"\xff" * 64
        fake.power_up()
        result = boot(fake.chip)
        if header_is_gone:
            lost += 1
            assert isinstance(result, DownloadMode)
            assert result.reason.startswith("the app at 0x0800f000 is no good")
        else:
            assert runs(result, NEW), f"cut after {moment} operations"
            assert fake.contents(0xF400, NEW.header.body_size) == NEW.body
    assert lost == 4  # the sector is erased twice: after that, and just before its first page is programmed


def test_a_power_cut_during_the_second_attempt_is_survived_too() -> None:
    fake = FakeBoot(OLD, pack_ota(NEW.to_bytes()))
    for moment in (90, 110):
        fake.power_cut_after = moment
        with pytest.raises(PowerCut):
            Bootloader(fake.chip).run()
        fake.power_up()
    assert runs(boot(fake.chip), NEW)
