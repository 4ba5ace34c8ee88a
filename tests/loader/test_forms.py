"""Firmware in every form is recognised by its contents and laid out as its headers say."""

from __future__ import annotations

import gzip
import lzma
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import bincopy
import pytest
from support.csv_table import csv_of
from support.elf_builder import BuiltSection, build_elf
from support.forms import (
    FORMS,
    NO_BOOTLOADER,
    RAM,
    W800_APP,
    W806_APP,
    classic_package,
    flash_dump,
    luatos_package,
    program,
    ram_image,
    records,
)

from emu.loader import (
    Firmware,
    FirmwareKind,
    LoadError,
    compose_flash,
    find_firmware,
    load_firmware,
    smallest_flash,
)
from emu.loader import wrapping as wrapping_module
from emu.loader.checksum import crc32
from emu.loader.headers import app_image, partition_table_image
from emu.loader.image import MAGIC, ImageHeader, ImageType
from emu.loader.partition_table import OTA_LAYOUT, TABLE_MAGIC


def loaded(folder: Path, name: str, data: bytes, base: int | None = None) -> Firmware:
    path = folder / name
    path.write_bytes(data)
    return load_firmware(path, base=base)


def header_at(flash: bytes, offset: int) -> ImageHeader:
    return ImageHeader.unpack(flash[offset : offset + 64])


@pytest.mark.parametrize(
    ("name", "kind", "address"),
    [
        ("package.fls", FirmwareKind.PACKAGE, W800_APP),
        ("app.img", FirmwareKind.IMAGE, W806_APP),
        ("app_ota.img", FirmwareKind.OTA_IMAGE, W800_APP),
        ("bare.img", FirmwareKind.IMAGE, NO_BOOTLOADER),
        ("flash.bin", FirmwareKind.FLASH, W800_APP),
        ("code.bin", FirmwareKind.RAW, W800_APP),
        ("app.hex", FirmwareKind.RECORDS, W800_APP),
        ("app.srec", FirmwareKind.RECORDS, W806_APP),
        ("app.img.gz", FirmwareKind.IMAGE, W806_APP),
        ("package.fls.xz", FirmwareKind.PACKAGE, W800_APP),
        ("luatos.soc", FirmwareKind.LUATOS, 0x0801_1400),
    ],
)
def test_each_form_ends_in_the_same_flash(
    tmp_path: Path, name: str, kind: FirmwareKind, address: int
) -> None:
    firmware = loaded(tmp_path, name, FORMS[name]())
    flash = bytes(compose_flash(firmware))
    header = header_at(flash, address - 0x0800_0400)
    assert (firmware.kind, firmware.run_address, header.run_address) == (kind, address, address)
    assert flash[address - 0x0800_0000 :].startswith(program(address)[:0x200])
    first = header_at(flash, 0x2000)
    assert first.header_crc == first.computed_crc
    if address != NO_BOOTLOADER:
        assert first.next_header_address == address - 0x400


@pytest.mark.parametrize("address", [W800_APP, W806_APP, 0x0801_1400, 0x0820_0400])
def test_an_elf_of_an_older_sdk_gets_its_header_and_no_partition_table(tmp_path: Path, address: int) -> None:
    firmware = loaded(tmp_path, "app.elf", build_elf([BuiltSection(".text", address, program(address))]))
    size = smallest_flash(firmware)
    assert size is not None
    flash = bytes(compose_flash(firmware, size))
    header = header_at(flash, address - 0x0800_0400)
    assert firmware.partition_table is None
    assert (header.image_type, header.upgrade_address) == (ImageType.USER, 0x0801_0000)
    assert set(flash[0xE000:0xF000]) == {0xFF}


def test_an_elf_that_the_mask_rom_starts_takes_the_bootloaders_place(tmp_path: Path) -> None:
    elf = build_elf([BuiltSection(".text", NO_BOOTLOADER, program(NO_BOOTLOADER))])
    firmware = loaded(tmp_path, "bare.elf", elf)
    header = header_at(bytes(compose_flash(firmware)), 0x2000)
    assert (header.image_type, header.next_header_address) == (ImageType.BOOTLOADER, 0)
    assert firmware.bootloader is None
    assert firmware.app is not None


def test_a_program_that_looks_for_a_partition_table_gets_one_wherever_it_lies(tmp_path: Path) -> None:
    body = program(W806_APP) + TABLE_MAGIC.to_bytes(4, "little")
    firmware = loaded(tmp_path, "app.elf", build_elf([BuiltSection(".text", W806_APP, body)]))
    assert firmware.partition_table is not None
    assert firmware.partition_table.require("app").offset == 0x1_0000


@pytest.mark.parametrize("form", ["stub.img", "stub.hex"])
def test_what_is_for_ram_is_not_stored(tmp_path: Path, form: str) -> None:
    firmware = loaded(tmp_path, form, FORMS[form]())
    assert firmware.pieces == ()
    assert firmware.ram is not None
    assert firmware.ram.vector_table == RAM
    assert firmware.ram.pieces[0].data == program(RAM)
    assert set(compose_flash(firmware)[0x2000:]) == {0xFF}


def test_an_elf_for_ram_starts_at_its_entry(tmp_path: Path) -> None:
    elf = build_elf([BuiltSection(".text", RAM, program(RAM))], entry=RAM + 0x100)
    firmware = loaded(tmp_path, "stub.elf", elf)
    assert firmware.ram is not None
    assert (firmware.kind, firmware.ram.entry) == (FirmwareKind.ELF, RAM + 0x100)


def test_raw_code_says_where_it_was_taken_to_run(tmp_path: Path) -> None:
    assert "raw code for 0x080d0400" in loaded(tmp_path, "code.bin", program(W800_APP)).notes[0]
    assert loaded(tmp_path, "code.bin", program(W800_APP), base=W800_APP).notes == ()


def test_a_dump_without_parameters_gets_some(tmp_path: Path) -> None:
    whole = flash_dump()
    erased = b"\xff" * 0x2000 + whole[0x2000:]
    assert bytes(compose_flash(loaded(tmp_path, "erased.bin", erased))) == whole


def test_the_parameters_of_a_dump_are_kept(tmp_path: Path) -> None:
    own = b"own parameters".ljust(0x2000, b"\0") + flash_dump()[0x2000:]
    assert bytes(compose_flash(loaded(tmp_path, "own.bin", own))) == own


def test_a_dump_that_ends_early_is_erased_behind_its_end(tmp_path: Path) -> None:
    firmware = loaded(tmp_path, "short.bin", flash_dump()[:0xD_1000])
    assert smallest_flash(firmware) == 0x10_0000
    assert bytes(compose_flash(firmware, 0x20_0000)) == flash_dump()


def test_flash_contents_come_as_records_too(tmp_path: Path) -> None:
    firmware = loaded(tmp_path, "flash.hex", records(flash_dump()[0x2000:0x11_0000], 0x0800_2000))
    assert (firmware.kind, firmware.run_address) == (FirmwareKind.FLASH, W800_APP)
    assert bytes(compose_flash(firmware)) == flash_dump()


def test_luatos_puts_its_scripts_where_it_says(tmp_path: Path) -> None:
    firmware = loaded(tmp_path, "luatos.soc", luatos_package())
    assert bytes(compose_flash(firmware)[0xE_0000:0xE_000C]) == b"Lua scripts."
    assert firmware.chip == "AIR601"


def w600_image() -> bytes:
    fields = MAGIC.to_bytes(4, "little") + bytes(48)
    return fields + crc32(fields).to_bytes(4, "little") + bytes(100)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x86.elf", build_elf([BuiltSection(".text", W800_APP, b"code")], machine=62), "62 (x86-64) is not C-SKY"),
        ("object.o", build_elf([BuiltSection(".text", 0, b"code")], elf_type=1), "1 (object file) is not an executable: link"),
        ("a.zip", b"PK\x03\x04" + bytes(100), "a ZIP archive: unpack it"),
        ("lib.a", b"!<arch>\n" + bytes(100), "a static library: link a program"),
        ("w600.fls", w600_image(), "image of the W600, an Arm chip"),
        ("erased.bin", b"\xff" * 0x1000, "an erased flash"),
        ("table.bin", OTA_LAYOUT.to_bytes(), "this is a partition table, not a firmware"),
        ("table.csv", csv_of(OTA_LAYOUT).encode(), "this is a partition table as CSV"),
        ("table.img", partition_table_image(OTA_LAYOUT).to_bytes(), "this is a partition table, not a firmware"),
        ("code.bin", bytes(0x1000), "for raw code say where it runs: --base ADDRESS"),
        ("other.hex", records(struct.pack("<2I", 0x2000_1000, 0x0800_0101) + bytes(0x200), W800_APP), "for another chip"),
        ("low.hex", records(program(0x400), 0x400), "is neither in flash (0x08000000 and above) nor in RAM"),
        ("cut.hex", records(program(W800_APP), W800_APP)[:-12], "last record: "),
        ("bad.hex", records(program(W800_APP), W800_APP).replace(b"0000", b"0001", 1), "Intel HEX: damaged"),
        ("cut.gz", gzip.compress(program(W800_APP))[:-9], "gzip stream: damaged or truncated"),
        ("cut.xz", lzma.compress(program(W800_APP))[:-9], "xz stream: damaged or truncated"),
        ("cut.soc", luatos_package()[:-50], "7-Zip archive: damaged"),
        ("a.7z", luatos_package(b"[]"), "info.json: is no JSON object"),
        ("b.7z", luatos_package({"rom": {}}), "rom or script not described"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_not_understood_is_named(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(LoadError) as error:
        loaded(tmp_path, name, data)
    assert str(error.value).startswith(f"{name}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_base_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="0x080d0500 is no reset vector in 0x08010400"):
        loaded(tmp_path, "code.bin", program(W800_APP), base=W806_APP)


def test_an_ota_image_without_an_app_is_named(tmp_path: Path) -> None:
    data = app_image("data", W800_APP, b"data")
    header = ImageHeader.unpack(data.header.pack())
    user_data = type(data).build(
        ImageHeader(header.magic, 2, W800_APP, 0, 0x2002_6000, 0, 0, version_field=bytes(16)), b"data"
    )
    with pytest.raises(LoadError, match="image type: 2: image without an app"):
        loaded(tmp_path, "data.img", user_data.to_bytes())


def test_what_unpacks_to_more_than_any_firmware_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapping_module, "UNPACKED_LIMIT_BYTES", 1 << 20)
    with pytest.raises(LoadError, match="unpacks to more than 1 MB"):
        loaded(tmp_path, "bomb.gz", gzip.compress(bytes(2 << 20)))


def test_the_output_folders_of_the_makefiles_are_found(tmp_path: Path) -> None:
    elf = tmp_path / "bin/build/W806/image/W806.elf"
    elf.parent.mkdir(parents=True)
    elf.write_bytes(build_elf([BuiltSection(".text", W806_APP, program(W806_APP))]))
    assert load_firmware(tmp_path).kind is FirmwareKind.ELF
    (tmp_path / "bin/W806").mkdir()
    (tmp_path / "bin/W806/W806.fls").write_bytes(classic_package(W806_APP))
    (tmp_path / "flash_tool.elf").write_bytes(elf.read_bytes())  # some SDKs have one beside their folders
    for folder in (tmp_path, tmp_path / "bin/W806"):
        assert load_firmware(folder).kind is FirmwareKind.PACKAGE


def test_the_project_folder_of_the_ide_is_found(tmp_path: Path) -> None:
    elf = tmp_path / "tools/W806/projects/SDK_Project/project/CDK_WS/W806_SDK/W806.elf"
    elf.parent.mkdir(parents=True)
    elf.write_bytes(build_elf([BuiltSection(".text", W806_APP, program(W806_APP))]))
    assert load_firmware(tmp_path).name == "W806.elf"


def test_an_elf_of_another_build_beside_the_package_is_told(tmp_path: Path) -> None:
    other = program(W806_APP).replace(b"instructions", b"Instructions")
    (tmp_path / "app.elf").write_bytes(build_elf([BuiltSection(".text", W806_APP, other)]))
    firmware = loaded(tmp_path, "app.fls", classic_package(W806_APP))
    told = "app.elf beside app.fls is of another build: neither it nor its names are used"
    assert firmware.notes == (told,)
    set_age(tmp_path / "app.fls", older_than=tmp_path / "app.elf")
    assert load_firmware(tmp_path / "app.fls").notes == (told.replace("is of", "is newer and of"),)


def set_age(file: Path, older_than: Path) -> None:
    time_ns = older_than.stat().st_mtime_ns - 1_000_000_000
    os.utime(file, ns=(time_ns, time_ns))


def test_a_program_built_after_the_package_of_its_folder_is_what_is_loaded(tmp_path: Path) -> None:
    other = program(W806_APP).replace(b"instructions", b"Instructions")
    elf = tmp_path / "app.elf"
    elf.write_bytes(build_elf([BuiltSection(".text", W806_APP, other)]))
    package = tmp_path / "app.fls"
    package.write_bytes(classic_package(W806_APP))
    set_age(package, older_than=elf)
    firmware = load_firmware(tmp_path)
    assert (firmware.kind, firmware.name) == (FirmwareKind.ELF, "app.elf")
    assert firmware.notes[0] == (
        "app.elf is loaded: app.fls is older and of another build; name it to load it nevertheless"
    )
    assert find_firmware(tmp_path) == elf
    assert load_firmware(package).kind is FirmwareKind.PACKAGE


@pytest.mark.parametrize("contents", [program(W806_APP), None])
def test_a_newer_program_that_the_package_holds_or_that_is_damaged_changes_nothing(
    tmp_path: Path, contents: bytes | None
) -> None:
    package = tmp_path / "app.fls"
    package.write_bytes(classic_package(W806_APP))
    elf = tmp_path / "app.elf"
    elf.write_bytes(
        b"unfinished" if contents is None else build_elf([BuiltSection(".text", W806_APP, contents)])
    )
    set_age(package, older_than=elf)
    assert find_firmware(tmp_path) == package


def test_a_newer_program_of_another_name_beside_the_package_is_told(tmp_path: Path) -> None:
    package, elf = tmp_path / "release-1.0.fls", tmp_path / "app.elf"
    package.write_bytes(classic_package(W806_APP))
    elf.write_bytes(b"")
    told = "release-1.0.fls is loaded, though app.elf beside it is newer: name it to load it"
    set_age(package, older_than=elf)
    assert told in load_firmware(tmp_path).notes
    set_age(elf, older_than=package)
    assert load_firmware(tmp_path).notes == ()


def test_a_ram_image_is_no_app(tmp_path: Path) -> None:
    firmware = loaded(tmp_path, "stub.img", ram_image())
    assert (firmware.app, firmware.bootloader) == (None, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"\n", b"\r"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"; made by hand\n\n" + text,
        lambda text: text + b"\x1a\0\0",
        lambda text: text.lower(),
    ],
)
@pytest.mark.parametrize("form", ["ihex", "srec"])
def test_records_may_be_written_in_other_ways(
    tmp_path: Path, form: str, change: Callable[[bytes], bytes]
) -> None:
    text = change(records(program(W806_APP), W806_APP, form))
    assert loaded(tmp_path, "app.txt", text).run_address == W806_APP


@pytest.mark.parametrize("padding", [b"\xff" * 100, bytes(512)])
def test_what_fills_a_package_up_is_ignored(tmp_path: Path, padding: bytes) -> None:
    assert loaded(tmp_path, "app.fls", classic_package() + padding).kind is FirmwareKind.PACKAGE


def test_a_dump_may_begin_behind_the_parameters(tmp_path: Path) -> None:
    firmware = loaded(tmp_path, "rest.bin", flash_dump()[0x2000:])
    assert bytes(compose_flash(firmware)) == flash_dump()


def test_records_of_an_image_have_its_header(tmp_path: Path) -> None:
    dump = flash_dump()
    header, body = dump[0xD_0000:0xD_0040], dump[0xD_0400:0xD_0A00]
    file = bincopy.BinFile()
    file.add_binary(header, address=W800_APP - 0x400)
    file.add_binary(body, address=W800_APP)
    firmware = loaded(tmp_path, "image.hex", file.as_ihex().encode())
    assert firmware.app is not None
    assert firmware.app.header.pack() == header


def test_an_elf_without_section_headers_is_laid_out_by_its_segments(tmp_path: Path) -> None:
    elf = bytearray(build_elf([BuiltSection(".text", W806_APP, program(W806_APP))]))
    elf[0x20:0x24] = bytes(4)  # e_shoff
    elf[0x30:0x34] = bytes(4)  # e_shnum, e_shstrndx
    assert loaded(tmp_path, "app.elf", bytes(elf)).run_address == W806_APP


def test_a_base_is_for_raw_code_only(tmp_path: Path) -> None:
    packed = gzip.compress(program(W806_APP))
    assert loaded(tmp_path, "code.bin.gz", packed, base=W806_APP).run_address == W806_APP
    with pytest.raises(LoadError, match="this is images, which says itself where it lies"):
        loaded(tmp_path, "app.fls", classic_package(), base=W806_APP)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no device files")
def test_what_is_no_regular_file_is_refused() -> None:
    with pytest.raises(LoadError, match="is no regular file"):
        load_firmware(Path("/dev/zero"))
