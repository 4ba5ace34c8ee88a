from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.csv_table import csv_of

from emu.cli.__main__ import run_command_line
from emu.loader import Image, PartitionTable
from emu.loader.errors import Origin
from emu.loader.fls import parse_fls
from emu.loader.headers import app_image
from emu.loader.image import ImageType
from emu.loader.partition_table import OTA_LAYOUT


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A good image of an app that does nothing."""
    path = tmp_path / "app.img"
    path.write_bytes(app_image("app", 0x0800_F400, bytes(range(256)) * 16, OTA_LAYOUT).to_bytes())
    return path


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert run_command_line(list(map(str, arguments))) == 0
    return capsys.readouterr().out


def test_info_is_what_image_does_by_default(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(capsys, "image", app) == output_of(capsys, "image", "info", app)


def test_info_of_a_build_folder_is_that_of_its_package(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = app.with_suffix(".fls")
    package.write_bytes(app.read_bytes())
    assert output_of(capsys, "image", app.parent) == output_of(capsys, "image", package)


def test_info_shows_every_field_with_verdicts(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = output_of(capsys, "image", app)
    assert "run address       0x0800f400" in output
    assert "upgrade address   0x08131000" in output
    assert output.count("  good\n") == 2


@pytest.mark.parametrize(("offset", "line"), [(0x200, "image CRC"), (0x30, "header CRC")])
def test_info_tells_which_checksum_is_wrong(
    app: Path, offset: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(app.read_bytes())
    data[offset] ^= 0x10
    app.write_bytes(data)
    assert run_command_line(["image", str(app)]) == 1
    wrong = [text for text in capsys.readouterr().out.splitlines() if "WRONG, computed" in text]
    assert [text.strip().split("  ")[0] for text in wrong] == [line]


def test_info_tells_when_a_version_is_not_terminated(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = Image.parse(app.read_bytes(), Origin("app"))
    header = replace(image.header, version_field=b"0123456789abcdef").sealed()
    app.write_bytes(replace(image, header=header).to_bytes())
    assert run_command_line(["image", str(app)]) == 1
    assert "0123456789abcdef  NOT TERMINATED" in capsys.readouterr().out


def test_an_image_of_the_tables_type_is_data_unless_it_holds_a_table(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = app.with_name("app.fls")
    output_of(capsys, "image", "build", "-o", package, app)
    assert "2 (partition table)" in output_of(capsys, "image", package)
    image = Image.parse(app.read_bytes(), Origin("app"))
    header = replace(image.header, attribute=ImageType.PARTITION_TABLE).sealed()
    app.write_bytes(replace(image, header=header).to_bytes())
    assert "2 (data)" in output_of(capsys, "image", app)


def test_pack_makes_an_image_that_info_looks_into(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = app.with_name("app_ota.img")
    output_of(capsys, "image", "pack", "-o", packed, app)
    output = output_of(capsys, "image", packed)
    assert "compression       xz" in output
    assert "    image at offset 0x0 of app_ota.img (xz body unpacked)" in output


def test_a_damaged_packed_body_is_reported(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = app.with_name("app_ota.img")
    output_of(capsys, "image", "pack", "-o", packed, app)
    image = Image.parse(packed.read_bytes(), Origin("app_ota"))
    packed.write_bytes(Image.build(image.header, image.body[:-16]).to_bytes())
    assert run_command_line(["image", str(packed)]) == 1
    assert "BAD: app_ota.img: offset 0x40: xz stream: truncated" in capsys.readouterr().out


def test_build_sets_the_version_and_both_checksums(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = app.with_name("new.img")
    output_of(capsys, "image", "build", "--version", "9.8.7", "-o", built, app)
    image = Image.parse(built.read_bytes(), Origin("new")).verify()
    assert image.header.version == "9.8.7"


def test_a_package_gets_a_partition_table(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = app.with_name("app.fls")
    output_of(capsys, "image", "build", "-o", package, app)
    images = parse_fls(package.read_bytes(), Origin("app.fls"))
    assert images[0].to_bytes() == app.read_bytes()
    assert PartitionTable.parse(images[1].body, Origin("table")) == OTA_LAYOUT
    assert "app_ota           0x131000   0xaf000" in output_of(capsys, "image", package)


def test_a_flash_image_shows_its_partitions_and_images(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flash = app.with_name("flash.bin")
    output_of(capsys, "image", "build", "--flash-size", "4M", "-o", flash, app)
    assert flash.stat().st_size == 0x40_0000
    output = output_of(capsys, "image", flash)
    assert "image at offset 0x2000 of flash.bin" in output
    assert "image at offset 0xf000 of flash.bin" in output
    assert "WRONG" not in output


def test_a_partition_table_can_be_given_and_shown(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = app.with_name("table.csv")
    table.write_text(csv_of(OTA_LAYOUT).replace("nvs,", "nv2,"))
    assert "nv2               0x1f0000    0x8000" in output_of(capsys, "image", table)
    package = app.with_name("app.fls")
    output_of(capsys, "image", "build", "--partition-table", table, "-o", package, app)
    assert "nv2" in output_of(capsys, "image", package)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["image", "missing.img"], "missing.img: cannot be read (No such file or directory)"),
        (["image", "text.txt"], "text.txt: offset 0x0: magic: 68 65 6c 6c: text, not a firmware"),
        (["image", "build", "-o", "out.txt", "app.img"], "out.txt: cannot be built from 1 files; use .img, .fls or .bin"),
        (["image", "build", "-o", "out.img", "app.img", "app.img"], "out.img: cannot be built from 2 files"),
        (["image", "build", "-o", "no/out.img", "app.img"], "cannot be written (No such file or directory)"),
        (["image", "pack", "-o", "out.img", "--upgrade-address", "x", "app.img"], "'x' is not a 32-bit address"),
        (["image", "pack", "-o", "out.img", "text.txt"], "text.txt: offset 0x0: header: 5 of 64 bytes"),
    ],
)  # fmt: skip
def test_unusable_input_is_one_line_and_exit_code_2(
    app: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(app.parent)
    Path("text.txt").write_text("hello")
    assert run_command_line(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("w800emu: error: ")
    assert message in error
    assert error.count("\n") == 1
