"""The modelled bootloader against the SDK's binary, executed on the same flash: output and flash operations."""

from __future__ import annotations

import lzma
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.boot import FakeBoot, build_app, with_flags

from emu.loader import Compression, load_bootloader, pack_ota
from emu.loader.image import HEADER_SIZE, BootFlag, Image, ImageHeader
from emu.machine.boot_access import REBOOT_REASON_ADDRESS
from emu.machine.machine import Machine
from peripherals.flash_operation import FlashOperation, Phase
from roms.boot_chip import BootResult, DownloadMode
from roms.boot_update import SECBOOT_VA_2
from roms.bootloader import Bootloader
from roms.mask_rom import COMMAND_MODE, START_IMAGE

TIME_LIMIT_NS = 60_000_000_000
LAST_BYTE_NS = 1_000_000
DEBUG = 4 | BootFlag.SKIP_ESC_CHECK
ERROR = 1 | BootFlag.SKIP_ESC_CHECK
SILENT = 0 | BootFlag.SKIP_ESC_CHECK


@dataclass
class Story:
    """What a bootloader did."""

    sent: bytes
    operations: list[tuple[str, int]]
    flash: bytes
    code: str
    """The letter for the mask ROM; empty when the app was started."""


def operations_of(flash_operations: list[FlashOperation]) -> list[tuple[str, int]]:
    return [
        (operation.kind.value, operation.offset)
        for operation in flash_operations
        if operation.phase is Phase.AFTER
    ]


def execute(fake: FakeBoot, bootloader: Path, folder: Path, typed: bytes) -> Story:
    """Run the binary from the mask ROM's hand-over until it calls the mask ROM again."""
    flash = folder / "flash.bin"
    flash.write_bytes(fake.device.contents)
    operations: list[FlashOperation] = []
    with Machine.load(flash, bootloader=bootloader, cache=False) as machine:
        machine.flash.observers.append(operations.append)
        machine.write(REBOOT_REASON_ADDRESS, fake.reboot_reason.to_bytes(4, "little"))
        for address in (START_IMAGE, COMMAND_MODE):
            machine.hook(address, Machine.stop)
        machine.uart0.write(typed)
        machine.run(TIME_LIMIT_NS)
        state = machine.board.core.state
        pc, letter = state.pc, chr(state.r[0] & 0xFF)
        machine.board.clock.idle_until(machine.now_ns + LAST_BYTE_NS)
        sent, contents = machine.uart0.data, bytes(machine.flash.contents)
    assert pc in (START_IMAGE, COMMAND_MODE)
    return Story(sent, operations_of(operations), contents, letter if pc == COMMAND_MODE else "")


def model(fake: FakeBoot, typed: bytes) -> Story:
    fake.received = [(0, byte) for byte in typed]
    result: BootResult = Bootloader(fake.chip, SECBOOT_VA_2).run()
    code = result.code if isinstance(result, DownloadMode) else ""
    return Story(fake.sent, operations_of(fake.operations), bytes(fake.device.contents), code)


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
def test_model_and_binary_do_the_same(sdk: Path, tmp_path: Path, fake: FakeBoot, typed: bytes) -> None:
    path = sdk / "components/bootloader/w80x/bootloader.bin"
    binary = load_bootloader(path)
    fake.device.load(0x2000, binary.header.pack())
    fake.device.load(0x2400, binary.body)
    executed = execute(fake, path, tmp_path, typed)
    modelled = model(fake, typed)
    assert modelled.sent.decode() == executed.sent.decode()
    assert modelled.operations == executed.operations
    assert modelled.code == executed.code
    assert modelled.flash == executed.flash


def test_the_binary_starts_the_app_through_the_mask_rom(sdk: Path) -> None:
    path = sdk / "components/bootloader/w80x/bootloader.bin"
    with Machine.load(bootloader=path, cache=False) as machine:
        machine.run_until_text("main: ver: ")
