"""Files that cannot be used: each ends in one line that names the file and what is wrong, and exit code 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli.tiny_firmware import VECTORS, write_firmware
from machine.device import SPIN
from support.csv_table import csv_of
from support.elf_builder import BuiltSection, build_elf

from emu.cli.__main__ import run_command_line
from emu.loader import Compression, Image, pack_ota
from emu.loader.errors import Origin
from emu.loader.headers import app_image
from emu.loader.partition_table import LARGE_LAYOUT, OTA_LAYOUT, PartitionTable

BODY = bytes(range(256)) * 16
APP = app_image("app", VECTORS, BODY, OTA_LAYOUT).to_bytes()


def damaged(data: bytes, offset: int) -> bytes:
    return data[:offset] + bytes([data[offset] ^ 0x10]) + data[offset + 1 :]


def elf_of_another_machine() -> bytes:
    return build_elf([BuiltSection(".text", VECTORS, BODY)], machine=40)


def truncated_elf() -> bytes:
    return build_elf([BuiltSection(".text", VECTORS, BODY)])[:-2000]


def truncated_xz() -> bytes:
    image = Image.parse(pack_ota(APP, Compression.XZ), Origin("ota"))
    return Image.build(image.header, image.body[:-20]).to_bytes()


def unterminated_version() -> bytes:
    image = Image.parse(pack_ota(APP, Compression.XZ), Origin("ota"))
    header = replace(image.header, version_field=b"0123456789abcdef").sealed()
    return replace(image, header=header).to_bytes()


def too_big_an_app() -> bytes:
    return app_image("app", VECTORS, bytes(0x12_2000), OTA_LAYOUT).to_bytes()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"hello, world", "magic: 68 65 6c 6c: text, not a firmware"),
        (lambda: b"", "magic: no bytes: not a firmware"),
        (elf_of_another_machine, "offset 0x12: machine: 40 (Arm) is not C-SKY (252)"),
        (truncated_elf, "it is truncated"),
        (lambda: damaged(APP, 0x30), "header CRC: "),
        (lambda: damaged(APP, 0x100), "image CRC: "),
        (lambda: APP[:-100], "it is truncated or its header damaged"),
        (truncated_xz, "xz stream: truncated after"),
        (unterminated_version, "version: b'0123456789abcdef' does not end with a NUL"),
        (too_big_an_app, "its partition app at 0x131000: make it smaller or the partition larger"),
    ],
)
def test_a_firmware_that_cannot_run_is_refused(
    make: Callable[[], bytes], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "firmware"
    path.write_bytes(make())
    refused(["run", "--no-cache", str(path)], "firmware: ", message, capsys)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            csv_of(OTA_LAYOUT).replace("app,   ", "rest,  "),
            "partition: there is no app among ft, bootloader",
        ),
        (csv_of(OTA_LAYOUT).replace("0x131000", "0x120000"), "starts at 0x120000, before the end of app"),
        (csv_of(OTA_LAYOUT).replace("0x8000", "0x80000"), "nvs: ends at 0x270000, the flash at 0x200000"),
        ("app, here, there\n", "'app, here, there' is not `name, offset, size, flag`"),
    ],
)
def test_a_partition_table_that_cannot_work_is_refused(
    table: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(table)
    firmware = write_firmware(tmp_path / "app.elf", SPIN)
    refused(
        ["run", "--no-cache", "--chip", "w800", "--partition-table", str(path), str(firmware)],
        "table.csv: ",
        message,
        capsys,
    )


def test_without_app_ota_there_is_no_place_for_an_ota_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "app.img"
    image.write_bytes(app_image("app", VECTORS, BODY, LARGE_LAYOUT).to_bytes())
    arguments = ["image", "pack", "-o", str(tmp_path / "ota.img"), str(image)]
    refused(arguments, "app.img: ", "the image was built without an app_ota partition", capsys)


def test_a_table_with_a_wrong_checksum_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "table.bin"
    path.write_bytes(damaged(OTA_LAYOUT.to_bytes(), 0x20))
    assert PartitionTable.parse(OTA_LAYOUT.to_bytes(), Origin("table")) == OTA_LAYOUT
    refused(["image", str(path)], "table.bin: ", "MD5: ", capsys)


def refused(arguments: list[str], name: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"w800emu: error: {name}")
    assert message in error
    assert error.count("\n") == 1
