from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from support.csv_table import csv_of

from emu.loader.errors import LoadError, Origin
from emu.loader.partition_table import LARGE_LAYOUT, OTA_LAYOUT, PartitionTable

ORIGIN = Origin("table.bin")
BINARY = OTA_LAYOUT.to_bytes()


def with_row(**changes: object) -> PartitionTable:
    app, *rest = (entry for entry in OTA_LAYOUT.partitions if entry.name not in ("ft", "bootloader"))
    rows = [entry for entry in OTA_LAYOUT.partitions if entry.name in ("ft", "bootloader")]
    last = replace(rest[-1], **changes)  # type: ignore[arg-type]
    return replace(OTA_LAYOUT, partitions=(*rows, app, *rest[:-1], last))


@pytest.mark.parametrize("table", [OTA_LAYOUT, LARGE_LAYOUT])
def test_both_forms_read_back(table: PartitionTable) -> None:
    assert PartitionTable.parse(table.to_bytes(), ORIGIN) == table
    assert PartitionTable.parse_csv(csv_of(table), Origin("table.csv")) == table


def test_the_binary_form_is_laid_out_as_the_firmware_expects() -> None:
    count = len(OTA_LAYOUT.partitions)
    end = 12 + 28 * count
    assert len(BINARY) == 1024
    assert BINARY[:12] == bytes.fromhex("9ff3f2a1 0000 0700 00000000")
    assert BINARY[12 + 28 * 3 :][:28] == b"app".ljust(16, b"\0") + bytes.fromhex("00f00000 00201200 00000000")
    assert BINARY[end : end + 16] == hashlib.md5(BINARY[:end]).digest()
    assert set(BINARY[end + 16 :]) == {0xFF}


def test_comments_and_empty_lines_of_a_csv_are_skipped() -> None:
    text = "# a comment\n\n" + csv_of(LARGE_LAYOUT)
    assert PartitionTable.parse_csv(text, Origin("table.csv")) == LARGE_LAYOUT


def test_a_missing_partition_is_named_with_those_present() -> None:
    with pytest.raises(
        LoadError,
        match=r"partition: there is no app_ota among ft, bootloader, partition_table, app, nvs: add a line",
    ):
        LARGE_LAYOUT.require("app_ota")
    assert LARGE_LAYOUT.find("app_ota") is None


def test_a_changed_table_is_refused() -> None:
    with pytest.raises(LoadError, match=r"table\.bin: offset 0xd0: MD5: .* the table was changed"):
        PartitionTable.parse(BINARY[:40] + b"\x01" + BINARY[41:], ORIGIN)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "offset 0x0: header: 0 of 12 bytes"),
        (bytes(1024), "offset 0x0: magic: 0x00000000 instead of 0xa1f2f39f"),
        (BINARY[:100], "offset 0x6: count: 7 entries do not fit 100 bytes"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(LoadError) as error:
        PartitionTable.parse(data, ORIGIN)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offset": 0x1F_0100}, "are not whole sectors of 0x1000"),
        ({"size_bytes": 0}, "are not whole sectors"),
        ({"offset": 0x13_1000}, "starts at 0x131000, before the end of app_ota at 0x1e0000"),
        ({"name": "sixteen_letters_"}, "the name is longer than 15 characters"),
    ],
)
def test_a_table_the_tools_refuse_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(LoadError) as error:
        with_row(**changes).verify()
    assert message in str(error.value)


def test_the_table_lies_where_the_bootloader_looks() -> None:
    moved = tuple(
        replace(entry, offset=0x1F_8000) if entry.name == "partition_table" else entry
        for entry in LARGE_LAYOUT.partitions
    )
    with pytest.raises(LoadError, match="the bootloader looks for it at 0xe000"):
        PartitionTable(moved).verify()


def test_a_table_without_an_app_is_refused() -> None:
    rest = tuple(entry for entry in LARGE_LAYOUT.partitions if entry.name != "app")
    with pytest.raises(LoadError, match="there is no app among ft, bootloader, partition_table, nvs"):
        PartitionTable(rest).verify()


def test_every_partition_has_to_end_inside_the_flash() -> None:
    OTA_LAYOUT.verify_fits(0x20_0000)
    with pytest.raises(LoadError, match="ends at 0x131000, the flash at 0x100000: choose a larger flash"):
        OTA_LAYOUT.verify_fits(0x10_0000)


@pytest.mark.parametrize(
    "line",
    [
        "data, 0x100000000, 0x1000, 0",
        "data, -0x1000, 0x1000, 0",
        "data, 0x1f8000, 0x1000, 0x1_0",
        "data, 0x1f8000, 0x1000",
        "data, 0x1f8000, 0x1000, 0, 0",
        "d\u00e4ta, 0x1f8000, 0x1000, 0",
        "da\0ta, 0x1f8000, 0x1000, 0",
        ", 0x1f8000, 0x1000, 0",
    ],
)
def test_what_does_not_fit_an_entry_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(LoadError, match=r"table\.csv: line 1: ") as error:
        PartitionTable.parse_csv(line, Origin("table.csv"))
    assert "\n" not in str(error.value)


def test_a_table_with_more_entries_than_fit_is_refused() -> None:
    lines = csv_of(OTA_LAYOUT) + "".join(
        f"p{number}, {number + 0x200:x}000, 1000, 0\n" for number in range(40)
    )
    with pytest.raises(LoadError, match="count: 47 entries: at most 35 fit"):
        PartitionTable.parse_csv(lines, Origin("table.csv"))


def test_a_line_that_is_no_partition_is_named_by_its_number() -> None:
    with pytest.raises(
        LoadError, match=r"table\.csv: line 2: 'app, 0xF000' is not `name, offset, size, flag`"
    ):
        PartitionTable.parse_csv("# comment\napp, 0xF000\n", Origin("table.csv"))


@pytest.mark.parametrize(
    ("name", "table"),
    [("partition_table_with_ota.csv", OTA_LAYOUT), ("partition_table_large.csv", LARGE_LAYOUT)],
)
def test_the_standard_layouts_are_those_of_the_sdk(sdk: Path, name: str, table: PartitionTable) -> None:
    text = (sdk / "components/partition_table/config" / name).read_text(encoding="utf-8")
    assert PartitionTable.parse_csv(text, Origin(name)) == table


def test_every_table_of_the_sdk_is_accepted(sdk: Path) -> None:
    paths = sorted(sdk.rglob("partition_table*.csv"))
    assert paths
    for path in paths:
        table = PartitionTable.parse_csv(path.read_text(encoding="utf-8"), Origin(path.name))
        assert PartitionTable.parse(table.to_bytes(), Origin(path.name)) == table
