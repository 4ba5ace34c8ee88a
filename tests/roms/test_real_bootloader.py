"""The modelled bootloader against the SDK's binary, executed on the same flash: output and flash operations."""

from __future__ import annotations

import lzma
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.boot import FakeBoot, build_app, with_flags
from support.boot_story import execute, run_model

from emu.loader import Compression, load_bootloader, pack_ota
from emu.loader.image import HEADER_SIZE, BootFlag, Image, ImageHeader
from emu.machine.machine import Machine
from roms.boot_update import SECBOOT_VA_2
from roms.bootloader import Bootloader

DEBUG = 4 | BootFlag.SKIP_ESC_CHECK
ERROR = 1 | BootFlag.SKIP_ESC_CHECK
SILENT = 0 | BootFlag.SKIP_ESC_CHECK


def xz(data: bytes, dictionary: int = 0x8000) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": dictionary}]
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=filters)


def around(body: bytes) -> bytes:
    """An OTA image with good checksums around any body."""
    return Image.build(ImageHeader.unpack(OTA[:HEADER_SIZE]), body).to_bytes()


def words(count: int) -> bytes:
    chosen = random.Random(2)
    return b" ".join(
        chosen.choice((b"boot", b"loader", b"flash", b"w800", chosen.randbytes(8))) for _ in range(count)
    )


OLD = with_flags(build_app(20_000, fill=b"old."), DEBUG)
NEW = build_app(9_000, fill=b"new!")
LARGE = build_app(200_000, fill=words(20_000)[:100_000])
OTA = pack_ota(NEW.to_bytes())
LARGE_OTA = pack_ota(LARGE.to_bytes())


def scenarios() -> Iterator[tuple[str, FakeBoot, bytes]]:
    yield "no update", FakeBoot(OLD), b""
    yield "xz", FakeBoot(OLD, OTA), b""
    yield "large xz", FakeBoot(OLD, LARGE_OTA), b""
    yield "silent", FakeBoot(with_flags(OLD, SILENT), OTA), b""
    yield "uncompressed", FakeBoot(OLD, NEW.to_bytes()), b""
    yield "gzip", FakeBoot(OLD, pack_ota(NEW.to_bytes(), Compression.GZIP)), b""
    yield "truncated xz", FakeBoot(OLD, around(LARGE_OTA[HEADER_SIZE:-2000])), b""
    yield "dictionary too large", FakeBoot(OLD, around(xz(NEW.to_bytes(), 0x1_0000))), b""
    yield (
        "bad header inside",
        FakeBoot(OLD, around(xz(replace(NEW.header, header_crc=1).pack() + NEW.body))),
        b"",
    )
    huge = Image.build(NEW.header, bytes(0x12_2000))
    yield "larger than the partition", FakeBoot(OLD, pack_ota(huge.to_bytes())), b""
    far = Image(replace(NEW.header, header_address=0x0830_0000).sealed(), NEW.body)
    yield "header behind the flash", FakeBoot(OLD, far.to_bytes()), b""
    yield "three ESC", FakeBoot(with_flags(OLD, 4)), b"\x1b\x1b\x1b"
    damaged = FakeBoot(with_flags(OLD, ERROR))
    damaged.device.load(0xF410, b"\0\0\0\0")
    yield "damaged app", damaged, b""
    interrupted = FakeBoot(OLD, OTA)
    interrupted.device.load(0xF410, b"\0\0\0\0")
    yield "damaged app, good OTA image", interrupted, b""
    headless = FakeBoot(OLD, OTA)
    headless.device.load(0xF000, b"\xff" * 0x1000)
    yield "erased app", headless, b""
    asked = FakeBoot(with_flags(OLD, DEBUG | BootFlag.SKIP_UPGRADE_CHECK), OTA)
    yield "upgrade check skipped", asked, b""
    after_ota = FakeBoot(with_flags(OLD, DEBUG | BootFlag.SKIP_UPGRADE_CHECK), OTA)
    after_ota.reboot_reason = 0x1234_5605
    yield "upgrade check not skipped after an OTA", after_ota, b""


@pytest.mark.parametrize(
    ("fake", "typed"), [pytest.param(fake, typed, id=name) for name, fake, typed in scenarios()]
)
def test_model_and_binary_do_the_same(real_bootloader: Path, fake: FakeBoot, typed: bytes) -> None:
    binary = load_bootloader(real_bootloader, 0x0800_F000)
    fake.device.load(0x2000, binary.header.pack())
    fake.device.load(0x2400, binary.body)
    executed = execute(fake, typed)
    modelled = run_model(fake, lambda chip: Bootloader(chip, SECBOOT_VA_2).run(), typed)
    assert modelled.sent.decode() == executed.sent.decode()
    assert modelled.operations == executed.operations
    assert modelled.end == executed.end
    assert modelled.flash == executed.flash


def test_the_binary_starts_the_app_through_the_mask_rom(real_bootloader: Path) -> None:
    with Machine.load(bootloader=real_bootloader, cache=False) as machine:
        machine.run_until_text("main: ver: ")
