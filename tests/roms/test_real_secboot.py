"""The modelled secboot against the binaries of public projects, executed on the same flash."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.boot_story import execute, run_model
from support.classic import OTA_OFFSET, FakeClassic, classic_app, classic_ota

from emu.loader.checksum import crc32
from emu.loader.errors import LoadError, Origin
from emu.loader.headers import stand_in_bootloader
from emu.loader.image import Compression, Image
from roms.known_bootloaders import identify
from roms.secboot import SECBOOT_1_0_01, SECBOOT_V0_6, SECBOOT_V1_1, Secboot, SecbootRelease

ENDLESS_NS = 20_000_000_000
"""In that time even the largest flash here is written full."""


@pytest.fixture(scope="session")
def images(firmware_corpus: Path) -> list[Image]:
    """The good images that files of any name begin with."""
    found: dict[tuple[int, int], Image] = {}
    for path in sorted(firmware_corpus.iterdir()):
        try:
            image = Image.parse(path.read_bytes(), Origin(path.name)).verify()
        except (LoadError, OSError):
            continue
        found.setdefault((image.header.body_size, image.header.body_crc), image)
    return list(found.values())


@pytest.fixture(scope="session")
def secboots(images: list[Image]) -> dict[str, Image]:
    """One binary of each release."""
    known = [(identify(image.header), image) for image in images]
    return {release.name: image for release, image in known if release is not None}


def words(count: int) -> bytes:
    chosen = random.Random(2)
    return b" ".join(
        chosen.choice((b"boot", b"loader", b"flash", b"w800", chosen.randbytes(8))) for _ in range(count)
    )


OLD = classic_app(20_000, fill=b"old.")
NEW = classic_app(9_000, fill=b"new!")
LARGE = classic_app(200_000, fill=words(20_000)[:100_000])
OTA = classic_ota(NEW)
LARGE_OTA = classic_ota(LARGE)
PACKED = gzip.compress(LARGE.to_bytes(), mtime=0)


def with_flag(ota: Image, app: Image | None = OLD) -> FakeClassic:
    return FakeClassic(app, ota, ota)


def damaged(fake: FakeClassic, offset: int, size_bytes: int = 4) -> FakeClassic:
    data = fake.contents(offset, size_bytes)
    fake.device.load(offset, bytes(byte ^ 0x55 for byte in data))
    return fake


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes((data[position] ^ 0x55,)) + data[position + 1 :]


def apps_and_updates() -> Iterator[tuple[str, FakeClassic]]:
    yield "no update", FakeClassic(OLD)
    yield "an OTA image without flag", FakeClassic(OLD, OTA)
    yield "gzip", with_flag(OTA)
    yield "large gzip", with_flag(LARGE_OTA)
    yield "gzip with a name", with_flag(classic_ota(NEW, named(NEW.to_bytes())))
    yield "uncompressed", with_flag(NEW)
    yield "the same app again", with_flag(OLD)
    yield "the flag of another image", FakeClassic(OLD, OTA, LARGE_OTA)
    yield "damaged app", damaged(FakeClassic(OLD), 0xD_0500)
    yield "erased app", FakeClassic()
    yield "no next header", FakeClassic(next_header=0)
    yield "next header behind the flash", FakeClassic(next_header=0x0820_0000)
    yield "next header of nothing", FakeClassic(next_header=0x0801_8000)
    yield "damaged app, good OTA image", damaged(FakeClassic(OLD, OTA), 0xD_0500)
    yield "damaged app, good OTA image with flag", damaged(with_flag(OTA), 0xD_0500)
    yield "erased app, good OTA image", FakeClassic(None, OTA)
    yield "damaged OTA body", damaged(with_flag(OTA), OTA_OFFSET + 0x50)
    yield "damaged OTA header", damaged(with_flag(OTA), OTA_OFFSET + 0x14)
    yield "both damaged", damaged(damaged(with_flag(OTA), OTA_OFFSET + 0x50), 0xD_0500)


def odd_updates() -> Iterator[tuple[str, FakeClassic]]:
    yield "damaged gzip, nothing unpacked", with_flag(classic_ota(NEW, flipped(OTA.body, 11)))
    for position in (0x4000, 0x8000, 0x9001, 0xC000, len(PACKED) - 100):
        yield f"gzip damaged at {position:#x}", with_flag(classic_ota(LARGE, flipped(PACKED, position)))
    yield "wrong checksum of gzip", with_flag(classic_ota(NEW, OTA.body[:-8] + bytes(8)))
    yield "no gzip", with_flag(classic_ota(NEW, b"\x50\x4b" + OTA.body[10:]))
    yield "not packed at all", with_flag(classic_ota(NEW, NEW.to_bytes()))
    bad_header = gzip.compress(replace(NEW.header, header_crc=1).pack() + NEW.body)
    yield "bad header inside", with_flag(classic_ota(NEW, bad_header))
    yield "bad header inside, damaged app", damaged(with_flag(classic_ota(NEW, bad_header)), 0xD_0500)
    bad_body = gzip.compress(replace(NEW.header, body_crc=1).sealed().pack() + NEW.body)
    yield "bad body inside", with_flag(classic_ota(NEW, bad_body))
    huge = gzip.compress(Image.build(NEW.header, bytes(0x13_0000)).to_bytes())
    yield "larger than what is left of the flash", with_flag(classic_ota(NEW, huge))
    old_style = replace(NEW.header, next_header_address=0, header_crc=1)
    old_style = replace(old_style, next_header_address=crc32(old_style.pack()[:0x38]))
    yield "header of the old kind", with_flag(OTA, Image(old_style, NEW.body))
    far = Image(replace(NEW.header, header_address=0x0830_0000).sealed(), NEW.body)
    yield "header behind the flash", with_flag(far)
    yield "header behind the flash, gzip", with_flag(classic_ota(far))
    signed = Image.build(replace(NEW.header, attribute=0x101), NEW.body)
    yield "signed", with_flag(replace(signed, signature=bytes(range(128))))
    moved = replace(OTA.header, upgrade_address=0x0801_0440)
    behind = Image.build(replace(stand_in_bootloader(0).header, upgrade_address=0x0801_0000), bytes(0x400))
    update = Image.build(moved, OTA.body)
    fake = FakeClassic(OLD, behind, update)
    fake.device.load(0x1_0440, update.to_bytes())
    yield "a bootloader before the OTA image", fake
    small = classic_app(9_000, fill=b"1 MB", offset=0x9_0000)
    old_small = classic_app(9_000, fill=b"old.", offset=0x9_0000)
    yield "1 MB", FakeClassic(old_small, classic_ota(small), classic_ota(small), size_bytes=0x10_0000)
    w806 = classic_app(9_000, fill=b"W806", offset=0x1_0000)
    yield "W806", FakeClassic(w806)
    yield "W806, OTA image in place of the app", FakeClassic(None, classic_ota(w806), next_header=0x0801_0000)


def scenarios() -> Iterator[tuple[str, FakeClassic]]:
    yield from apps_and_updates()
    yield from odd_updates()


def named(data: bytes) -> bytes:
    packed = gzip.compress(data, mtime=0)
    return packed[:3] + b"\x08" + packed[4:10] + b"w800.bin\0" + packed[10:]


def compare(fake: FakeClassic, binary: Image, release: SecbootRelease, typed: bytes = b"") -> None:
    fake.replace_bootloader(binary)
    executed = execute(fake, typed)
    modelled = run_model(fake, lambda chip: Secboot(chip, release).run(), typed)
    assert modelled.sent == executed.sent
    assert modelled.end == executed.end
    assert modelled.operations == executed.operations
    assert modelled.flash == executed.flash


RELEASES = pytest.mark.parametrize(
    "release", [SECBOOT_V0_6, SECBOOT_1_0_01, SECBOOT_V1_1], ids=lambda release: release.name
)


@pytest.fixture
def binary(secboots: dict[str, Image], release: SecbootRelease) -> Image:
    if release.name not in secboots:
        pytest.skip(f"needs {release.name} in the folder of --firmware-corpus")
    return secboots[release.name]


@RELEASES
@pytest.mark.parametrize("scenario", [name for name, _ in scenarios()])
def test_model_and_binary_do_the_same(scenario: str, binary: Image, release: SecbootRelease) -> None:
    compare(dict(scenarios())[scenario], binary, release)


@RELEASES
@pytest.mark.parametrize("is_update_pending", [False, True])
def test_esc_does_the_same(binary: Image, release: SecbootRelease, is_update_pending: bool) -> None:
    fake = with_flag(OTA) if is_update_pending else FakeClassic(OLD)
    compare(fake, binary, release, b"\x1b\x1b\x1b")


@RELEASES
@pytest.mark.parametrize("moment", [1, 2, 3, 40, 69, 70, 71, 72, 150, 170])
def test_a_power_cut_leaves_the_same(moment: int, binary: Image, release: SecbootRelease) -> None:
    fake = with_flag(OTA)
    fake.power_cut_after = moment
    compare(fake, binary, release)
    fake.power_up()
    compare(fake, binary, release)


@RELEASES
@pytest.mark.parametrize("packed_bytes", [len(PACKED) // 2, 0x2000 * 8])
def test_a_gzip_stream_that_ends_early_keeps_the_binary_busy(
    packed_bytes: int, binary: Image, release: SecbootRelease
) -> None:
    """Also one that does not end early, but whose size is a multiple of the input buffer's."""
    fake = with_flag(classic_ota(LARGE, PACKED[:packed_bytes]))
    fake.replace_bootloader(binary)
    executed = execute(fake, time_limit_ns=ENDLESS_NS)
    modelled = run_model(fake, lambda chip: Secboot(chip, release).run())
    assert executed.end == ""
    assert modelled.end == "M"
    assert modelled.operations == executed.operations
    assert modelled.flash == executed.flash


@pytest.mark.parametrize("release", [SECBOOT_V1_1], ids=lambda release: release.name)
def test_public_updates_are_unpacked_alike(
    images: list[Image], binary: Image, release: SecbootRelease
) -> None:
    updates = [image for image in images if image.header.compression is Compression.GZIP]
    assert updates
    for update in updates:
        fake = with_flag(update)
        compare(fake, binary, release)
        assert fake.flag == 0xFFFF_FFFF, f"{update.origin.name} was not installed"
