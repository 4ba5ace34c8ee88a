from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from support.csv_table import csv_of
from support.elf_builder import BuiltSection, build_elf, small_program

from emu.loader import (
    Compression,
    FirmwareKind,
    Image,
    LoadError,
    PartitionTable,
    compose_flash,
    load_bootloader,
    load_firmware,
    load_flash_file,
    load_partition_table,
    pack_ota,
    symbols_of,
)
from emu.loader.errors import Origin
from emu.loader.fls import build_fls
from emu.loader.headers import app_image, bootloader_image
from emu.loader.image import MAGIC, ImageHeader, ImageType
from emu.loader.partition_table import LARGE_LAYOUT, OTA_LAYOUT, Partition

APP = app_image("app.img", 0x0800_F400, b"instructions", OTA_LAYOUT)
TABLE_IMAGE = Image.build(
    ImageHeader(MAGIC, ImageType.PARTITION_TABLE, 0x0800_E000, 0, 0x2002_6000, 0, 0, version_field=bytes(16)),
    LARGE_LAYOUT.to_bytes(),
)
BOOTLOADER = bootloader_image("G03.00.00", b"bootloader code.", app_header_address=0x0800_F000)


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_an_elf_is_composed_as_if_it_had_been_flashed(tmp_path: Path) -> None:
    firmware = load_firmware(written(tmp_path, "app.elf", small_program()))
    flash = bytes(compose_flash(firmware))
    app = Image.parse(flash[0xF000:0xF040] + flash[0xF400:], Origin("flash")).verify()
    bootloader = Image.parse(flash[0x2000:0x2040] + flash[0x2400:], Origin("flash")).verify()
    assert (firmware.kind, firmware.run_address) == (FirmwareKind.ELF, 0x0800_F400)
    assert firmware.symbols["main"].address == 0x0800_F410
    assert len(flash) == 0x20_0000
    assert flash[:4] == flash[0x1000:0x1004] == MAGIC.to_bytes(4, "little")
    assert PartitionTable.parse(flash[0xE000:0xF000], Origin("flash")) == OTA_LAYOUT
    assert app.body.endswith(b"read only data, initial values..")
    assert app.header.upgrade_address == 0x0813_1000
    assert bootloader.header.next_header_address == app.header.header_address == 0x0800_F000
    assert set(flash[0xF040:0xF400]) == {0xFF}


def test_data_for_another_partition_may_come_twice_and_is_no_partition_table(tmp_path: Path) -> None:
    """The SDK packs file systems and custom data with the type of the table."""
    header = replace(TABLE_IMAGE.header, run_address=0x081F_8000)
    data = Image.build(header, b"\xeb\x3c\x90MSDOS5.0")
    package = written(tmp_path, "app.fls", build_fls((data, data, BOOTLOADER, APP, TABLE_IMAGE)))
    firmware = load_firmware(package)
    assert firmware.partition_table == LARGE_LAYOUT
    assert compose_flash(firmware)[0x1F_8000:].startswith(b"\xeb\x3c\x90MSDOS5.0")


def test_an_elf_too_large_for_the_ota_layout_gets_the_large_one(tmp_path: Path) -> None:
    program = build_elf([BuiltSection(".text", 0x0800_F400, bytes(0x12_2000))])
    firmware = load_firmware(written(tmp_path, "app.elf", program))
    assert firmware.partition_table == LARGE_LAYOUT
    assert firmware.app is not None
    assert firmware.app.header.upgrade_address == 0
    assert len(compose_flash(firmware)) == 0x20_0000


def test_an_elf_bigger_than_every_partition_is_refused(tmp_path: Path) -> None:
    program = build_elf([BuiltSection(".text", 0x0800_F400, bytes(0x1E_1000))])
    firmware = load_firmware(written(tmp_path, "app.elf", program))
    with pytest.raises(
        LoadError, match=r"app\.elf: body of app\.elf: ends at offset 0x1f0400, its partition app at"
    ):
        compose_flash(firmware)


@pytest.mark.parametrize("address", [0x0800_0000, 0x0800_2000, 0x0801_0420])
def test_an_elf_where_no_vector_table_can_lie_is_refused(tmp_path: Path, address: int) -> None:
    path = written(tmp_path, "app.elf", build_elf([BuiltSection(".text", address, b"code")]))
    with pytest.raises(
        LoadError, match=rf"app\.elf: .*begins at {address:#010x}: .* 0x400 from 0x08002400 on"
    ):
        load_firmware(path)


def test_an_elf_with_a_table_of_its_own_goes_where_that_says(tmp_path: Path) -> None:
    rows = [
        Partition("app", 0x1_0000, 0x8_0000) if row.name == "app" else row for row in LARGE_LAYOUT.partitions
    ]
    table = PartitionTable(tuple(rows))
    path = written(tmp_path, "app.elf", build_elf([BuiltSection(".text", 0x0801_0400, b"code")]))
    flash = bytes(compose_flash(load_firmware(path, partition_table=table)))
    assert flash[0x1_0400:0x1_0404] == b"code"
    assert flash[0xE000:0xE400] == table.to_bytes()
    assert ImageHeader.unpack(flash[0x2000:0x2040]).next_header_address == 0x0801_0000


def test_a_table_whose_app_is_elsewhere_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "app.elf", build_elf([BuiltSection(".text", 0x0801_0400, b"code")]))
    with pytest.raises(LoadError, match="its app is at 0xf000, this one at 0x10000: give another, or none"):
        load_firmware(path, partition_table=LARGE_LAYOUT)


def test_an_image_is_placed_where_its_header_says(tmp_path: Path) -> None:
    firmware = load_firmware(written(tmp_path, "app.img", APP.to_bytes()))
    flash = bytes(compose_flash(firmware))
    assert firmware.kind is FirmwareKind.IMAGE
    assert firmware.version == "0.0.0"
    assert firmware.partition_table == OTA_LAYOUT
    assert flash[0xF000:0xF040] == APP.header.pack()
    assert flash[0xF400:0xF40C] == b"instructions"


def test_a_package_brings_bootloader_and_table(tmp_path: Path) -> None:
    large = app_image("app.img", 0x0800_F400, b"instructions", LARGE_LAYOUT)
    data = build_fls([BOOTLOADER, large, TABLE_IMAGE])
    firmware = load_firmware(written(tmp_path, "app.fls", data))
    flash = bytes(compose_flash(firmware))
    assert firmware.kind is FirmwareKind.PACKAGE
    assert firmware.bootloader == BOOTLOADER
    assert flash[0x2400:0x2410] == b"bootloader code."
    assert flash[0xE000:0xE400] == LARGE_LAYOUT.to_bytes()


def test_a_given_table_replaces_that_of_a_package(tmp_path: Path) -> None:
    path = written(tmp_path, "app.fls", build_fls([APP, TABLE_IMAGE]))
    flash = bytes(compose_flash(load_firmware(path, partition_table=OTA_LAYOUT)))
    assert flash[0xE000:0xE400] == OTA_LAYOUT.to_bytes()


def test_a_given_bootloader_replaces_that_of_a_package(tmp_path: Path) -> None:
    firmware = load_firmware(written(tmp_path, "app.fls", build_fls([BOOTLOADER, APP])))
    flash = bytes(compose_flash(firmware, bootloader=bootloader_image("new", b"new bootloader!!")))
    assert flash[0x2400:0x2410] == b"new bootloader!!"


@pytest.mark.parametrize("compression", [Compression.XZ, Compression.GZIP])
def test_an_ota_image_is_unpacked_and_placed(tmp_path: Path, compression: Compression) -> None:
    firmware = load_firmware(written(tmp_path, "app_ota.img", pack_ota(APP.to_bytes(), compression)))
    assert firmware.kind is FirmwareKind.OTA_IMAGE
    assert compose_flash(firmware)[0xF400:0xF40C] == b"instructions"


def test_a_packed_image_in_a_package_waits_for_the_bootloader(tmp_path: Path) -> None:
    ota = pack_ota(APP.to_bytes())
    firmware = load_firmware(written(tmp_path, "app.fls", APP.to_bytes() + ota))
    assert bytes(compose_flash(firmware)[0x13_1000:][: len(ota)]) == ota
    assert firmware.app == APP


def test_flash_contents_are_taken_as_they_are(tmp_path: Path) -> None:
    contents = compose_flash(load_firmware(written(tmp_path, "app.img", APP.to_bytes())))
    contents[0x1F_0000:0x1F_0004] = b"user"
    firmware = load_firmware(written(tmp_path, "flash.bin", bytes(contents)))
    assert firmware.kind is FirmwareKind.FLASH
    assert (firmware.run_address, firmware.version) == (0x0800_F400, "0.0.0")
    assert compose_flash(firmware) == contents


def test_a_flash_file_has_exactly_the_size_of_the_flash(tmp_path: Path) -> None:
    path = written(tmp_path, "flash.bin", bytes(0x10_0000))
    assert len(load_flash_file(path, 0x10_0000)) == 0x10_0000
    with pytest.raises(LoadError, match=r"flash\.bin: 0x100000 bytes, the flash has 0x200000: give the file"):
        load_flash_file(path, 0x20_0000)


def test_a_small_flash_does_not_hold_the_standard_table(tmp_path: Path) -> None:
    firmware = load_firmware(written(tmp_path, "app.img", APP.to_bytes()))
    with pytest.raises(LoadError, match="the flash at 0x100000: choose a larger flash"):
        compose_flash(firmware, 0x10_0000)


def test_an_image_over_its_neighbour_is_refused(tmp_path: Path) -> None:
    wrong = Image.build(replace(APP.header, run_address=0x0800_F000), b"body")
    firmware = load_firmware(written(tmp_path, "app.img", wrong.to_bytes()))
    with pytest.raises(
        LoadError, match=r"app\.img: header of app\.img \(0xf000\.\.0xf040\) and body .* overlap"
    ):
        compose_flash(firmware)


def test_an_image_outside_flash_is_refused(tmp_path: Path) -> None:
    wrong = Image.build(replace(APP.header, run_address=0x2000_0000), b"body")
    with pytest.raises(LoadError, match="offset 0x8: address: 0x20000000 is outside flash"):
        load_firmware(written(tmp_path, "app.img", wrong.to_bytes()))


def test_a_build_folder_gives_its_package_and_the_names(tmp_path: Path) -> None:
    program = small_program()
    body = compose_flash(load_firmware(written(tmp_path, "build/app.elf", program)))[0xF400:0xF800]
    app = app_image("app.img", 0x0800_F400, bytes(body), OTA_LAYOUT)
    written(tmp_path, "build/app.fls", build_fls([BOOTLOADER, app]))
    for folder in (tmp_path, tmp_path / "build"):
        firmware = load_firmware(folder)
        assert firmware.kind is FirmwareKind.PACKAGE
        assert firmware.symbols["main"].address == 0x0800_F410


OWN_LAYOUT = PartitionTable.parse_csv(
    "ft, 0x0, 0x2000, 0x0\nbootloader, 0x2000, 0xC000, 0x0\npartition_table, 0xE000, 0x1000, 0x0\n"
    "app, 0xF000, 0x100000, 0x0\nsettings, 0x1F0000, 0x8000, 0x0\n",
    Origin("own.csv"),
)


@pytest.mark.parametrize("name", ["app.elf", "app.img"])
def test_a_file_in_a_build_gets_the_table_of_the_build(tmp_path: Path, name: str) -> None:
    written(tmp_path, "partition_table/partition_table.bin", OWN_LAYOUT.to_bytes())
    path = written(tmp_path, name, small_program() if name == "app.elf" else APP.to_bytes())
    assert load_firmware(path).partition_table == OWN_LAYOUT
    assert load_firmware(path, partition_table=LARGE_LAYOUT).partition_table == LARGE_LAYOUT


def test_a_package_keeps_its_own_table(tmp_path: Path) -> None:
    written(tmp_path, "partition_table/partition_table.bin", OWN_LAYOUT.to_bytes())
    path = written(tmp_path, "app.fls", build_fls([BOOTLOADER, APP, TABLE_IMAGE]))
    assert load_firmware(path).partition_table == LARGE_LAYOUT


@pytest.mark.parametrize("is_current", [True, False])
def test_a_program_in_a_build_gets_the_header_of_its_image_unless_that_is_older(
    tmp_path: Path, is_current: bool
) -> None:
    path = written(tmp_path, "app.elf", small_program())
    app = load_firmware(path).app
    assert app is not None
    body = app.body if is_current else app.body[4:]
    header = replace(app.header, version_field=b"2.4-rc".ljust(16, b"\0"), update_number=7)
    written(tmp_path, "app.img", Image.build(header, body).to_bytes())
    firmware = load_firmware(path)
    assert firmware.app is not None
    assert firmware.version == ("2.4-rc" if is_current else "")
    assert firmware.app.header.update_number == (7 if is_current else 0)


def test_the_names_of_another_build_are_not_taken(tmp_path: Path) -> None:
    written(tmp_path, "app.elf", small_program())
    assert len(load_firmware(written(tmp_path, "app.img", APP.to_bytes())).symbols) == 0


def test_a_build_folder_with_only_a_program_gives_the_program(tmp_path: Path) -> None:
    written(tmp_path, "app.elf", small_program())
    assert load_firmware(tmp_path).kind is FirmwareKind.ELF


def test_folders_that_leave_a_choice_or_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"holds no \.fls, \.elf, \.soc or \.hex file: build the project"):
        load_firmware(tmp_path)
    written(tmp_path, "a.elf", b"")
    written(tmp_path, "b.elf", b"")
    with pytest.raises(LoadError, match=r"holds a\.elf, b\.elf: name the one to load"):
        load_firmware(tmp_path)


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\n", bytes(100)])
def test_what_is_no_firmware_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LoadError, match=r"some\.txt: offset 0x0: magic: .*not a firmware; give an ELF"):
        load_firmware(written(tmp_path, "some.txt", data))


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="cannot be read"):
        load_firmware(tmp_path / "missing.elf")


def test_an_image_for_an_unknown_layout_gets_the_table_that_its_header_implies(tmp_path: Path) -> None:
    other = replace(APP, header=replace(APP.header, upgrade_address=0x0810_0000).sealed())
    table = load_firmware(written(tmp_path, "app.img", other.to_bytes())).partition_table
    assert table is not None
    app, app_ota = table.require("app"), table.require("app_ota")
    assert (app.offset, app.end) == (0xF000, 0x10_0000)
    assert (app_ota.offset, app_ota.end) == (0x10_0000, table.require("nvs").offset)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("table.bin", LARGE_LAYOUT.to_bytes()),
        ("table.img", TABLE_IMAGE.to_bytes()),
        ("table.csv", csv_of(LARGE_LAYOUT).encode()),
    ],
)
def test_a_table_is_loaded_in_every_form(tmp_path: Path, name: str, data: bytes) -> None:
    assert load_partition_table(written(tmp_path, name, data)) == LARGE_LAYOUT


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="neither a partition table nor text"):
        load_partition_table(written(tmp_path, "table.bin", b"\xff\xfe"))


def test_a_bare_bootloader_gets_the_header_of_the_sdk(tmp_path: Path) -> None:
    code = struct.pack("<64I", *[0x0800_2500] * 64) + b"code"
    image = load_bootloader(written(tmp_path, "bootloader.bin", code), 0x0800_F000)
    header = image.verify().header
    assert (header.header_address, header.run_address) == (0x0800_2000, 0x0800_2400)
    assert (header.next_header_address, header.version) == (0x0800_F000, "G03.00.00")
    assert load_bootloader(written(tmp_path, "bootloader.img", image.to_bytes()), 0) == image


def test_an_app_is_no_bootloader(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"app\.img: offset 0x4: image type: 1 is no bootloader's"):
        load_bootloader(written(tmp_path, "app.img", APP.to_bytes()), 0)


def test_only_the_names_of_a_program_can_be_read(tmp_path: Path) -> None:
    assert "main" in symbols_of(written(tmp_path, "app.elf", small_program()))


def test_the_bootloader_of_the_sdk_has_its_known_first_vector(sdk: Path) -> None:
    image = load_bootloader(sdk / "components/bootloader/w80x/bootloader.bin", 0x0800_F000)
    assert image.header.body_size == 0x6984
    assert int.from_bytes(image.body[:4], "little") == 0x0800_2506


def test_the_ota_image_of_the_sdk_is_loaded_as_its_app(sdk: Path) -> None:
    firmware = load_firmware(sdk / "examples/ota/ota_ops/main/src/atcmd_ota.img")
    assert (firmware.kind, firmware.version) == (FirmwareKind.OTA_IMAGE, "2.2-beta.2")
    assert len(compose_flash(firmware)) == 0x20_0000
