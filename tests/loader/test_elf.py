from __future__ import annotations

import struct

import pytest
from support.elf_builder import BuiltSection, BuiltSymbol, build_elf, small_program
from support.work import lines_executed

from emu.loader.elf import parse_elf
from emu.loader.elf_tables import ElfTables, SectionHeader, SegmentHeader
from emu.loader.errors import LoadError, Origin
from emu.loader.symbols import SymbolKind

ORIGIN = Origin("app.elf")


def test_contents_are_what_elf2bin_emits_text_then_rodata_then_data() -> None:
    program = parse_elf(small_program(b"\x11\x22\x33\x44"), ORIGIN)
    assert program.flash_address == 0x0800_F400
    assert program.flash_contents == b"\x11\x22\x33\x44" + b"read only data, " + b"initial values.."


def test_a_load_address_in_flash_counts() -> None:
    data = build_elf(
        [
            BuiltSection(".text", 0x0800_F400, bytes(4)),
            BuiltSection(".data", 0x2000_0100, b"data", load_address=0x0800_F408),
        ]
    )
    assert parse_elf(data, ORIGIN).flash_contents == bytes(4) + b"\xff\xff\xff\xff" + b"data"


def test_other_sections_in_memory_are_left_out_as_elf2bin_does() -> None:
    data = build_elf(
        [
            BuiltSection(".text", 0x0800_F400, b"text"),
            BuiltSection(".vdata", 0x2000_0000, b"vectors"),
            BuiltSection(".data", 0x2000_0100, b"data"),
        ]
    )
    assert parse_elf(data, ORIGIN).flash_contents == b"textdata"


def test_segments_keep_both_addresses() -> None:
    data = build_elf([BuiltSection(".data", 0x2000_0100, b"data", load_address=0x0800_F408)])
    (segment,) = parse_elf(data, ORIGIN).segments
    assert (segment.load_address, segment.run_address, segment.data) == (0x0800_F408, 0x2000_0100, b"data")


def test_a_program_for_memory_has_no_flash_contents() -> None:
    program = parse_elf(build_elf([BuiltSection(".text", 0x2000_0000, b"text")]), ORIGIN)
    assert (program.flash_address, program.flash_contents) == (0, b"")


def test_entry_and_symbols_are_read() -> None:
    program = parse_elf(small_program(), ORIGIN)
    assert program.entry == 0x0800_F500
    assert [symbol.name for symbol in program.symbols] == [
        "reset_handler",
        "main",
        "__erodata",
        "counter",
    ]
    assert program.symbols["main"].kind is SymbolKind.FUNCTION


def test_a_label_reaches_to_the_next_symbol() -> None:
    assert parse_elf(small_program(), ORIGIN).symbols["reset_handler"].size_bytes == 0x10


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ not an ELF file", ["offset 0x0: magic", "4d 5a 20 6e", "give an ELF file"]),
        (small_program()[:30], ["ELF header", "30 of 52 bytes", "truncated"]),
        (small_program()[:200], ["truncated", "copy it again"]),
        (small_program()[:-1], ["section headers", "truncated"]),
        (build_elf([], machine=183), ["offset 0x12: machine: 183 (AArch64) is not C-SKY", "-mcpu=ck804ef"]),
        (build_elf([], elf_type=1), ["type: 1 (object file) is not an executable", "link the program"]),
        (b"\x7fELF\2\1" + bytes(10) + b"\2\0\x3e\0" + bytes(44), ["machine: 62 (x86-64) is not C-SKY"]),
        (b"\x7fELF\x02" + small_program()[5:], ["class: 2 is not 32 bit"]),
        (b"\x7fELF\1\2" + bytes(10) + b"\0\2\0\xfc" + bytes(44), ["not little endian"]),
    ],
    ids=[
        "not ELF",
        "short header",
        "short",
        "one byte short",
        "AArch64",
        "object file",
        "x86-64",
        "64 bit",
        "big endian",
    ],
)
def test_a_bad_file_is_refused_in_one_line_that_says_what_to_do(data: bytes, words: list[str]) -> None:
    with pytest.raises(LoadError, match=r"^app\.elf: offset 0x") as error:
        parse_elf(data, ORIGIN)
    message = str(error.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_overlapping_segments_are_refused() -> None:
    data = build_elf(
        [BuiltSection(".text", 0x0800_F400, bytes(8)), BuiltSection(".rodata", 0x0800_F404, bytes(8))]
    )
    with pytest.raises(
        LoadError, match=r"0x0800f400\.\.0x0800f408 and 0x0800f404 overlap: correct the linker"
    ):
        parse_elf(data, ORIGIN)


def test_every_truncation_of_a_program_is_refused_by_name() -> None:
    data = small_program(b"text")
    for size in range(len(data)):
        with pytest.raises(LoadError, match=r"^app\.elf: "):
            parse_elf(data[:size], ORIGIN)


def program_of_many(sections: int, symbols: int) -> bytes:
    return build_elf(
        [BuiltSection(".text", 0x0800_F400, bytes(64))]
        + [BuiltSection(f".s{number}", 0x2000_0000 + 16 * number, bytes(16)) for number in range(sections)],
        [BuiltSymbol(f"s{number}", 0x0800_F400 + number % 64) for number in range(symbols)],
    )


@pytest.mark.parametrize(("sections", "symbols"), [(1, 0), (0, 1), (1, 1)])
def test_the_work_grows_as_the_headers_and_symbols_do(sections: int, symbols: int) -> None:
    few, many = (program_of_many(sections * count, symbols * count) for count in (200, 800))
    assert lines_executed(lambda: parse_elf(many, ORIGIN)) < 5 * lines_executed(
        lambda: parse_elf(few, ORIGIN)
    )


def test_of_several_segments_that_hold_a_section_the_first_counts() -> None:
    one, two, three = (
        SegmentHeader(1, 0, run_address, load_address, 0, size, 0, 0)
        for run_address, load_address, size in [
            (0x100, 0x1100, 0x10),
            (0x0, 0x2000, 0x200),
            (0x80, 0x3080, 0x100),
        ]
    )
    tables = ElfTables(small_program(), ORIGIN)
    tables.segments = (one, two, three)
    tables.sections = tuple(
        SectionHeader(0, 1, 0, address, 0, 0, 0, 0, 0, 0) for address in (0x110, 0x10F, 0xFF, 0x1FF, 0x200, 0)
    )
    assert tables.load_addresses() == [0x2110, 0x110F, 0x20FF, 0x21FF, 0x200, 0x2000]


def test_headers_that_share_the_bytes_of_the_file_are_refused_before_gigabytes_are_made_of_it() -> None:
    data = bytearray(build_elf([BuiltSection(f".s{number}", 16 * number, b"") for number in range(100)]))
    for number in range(100):
        struct.pack_into(
            "<8I", data, 52 + 32 * number, 1, 0, 0x0800_F400, 0x1_0000 * number, len(data), len(data), 7, 4
        )
    with pytest.raises(
        LoadError, match=r"segments: 0x[0-9a-f]+ bytes in all, the file has less: link it again"
    ):
        parse_elf(bytes(data), ORIGIN)


def test_a_name_without_an_end_is_read_as_far_as_anybody_would() -> None:
    data = build_elf(
        [BuiltSection(".text", 0x0800_F400, bytes(64))], [BuiltSymbol("x" * 10_000, 0x0800_F400)]
    )
    (symbol,) = parse_elf(data, ORIGIN).symbols
    assert symbol.name == "x" * 4096


def test_numbers_that_do_not_fit_the_header_are_in_the_first_section() -> None:
    data = bytearray(small_program(b"text"))
    (sections_at,) = struct.unpack_from("<I", data, 32)
    segment_count, section_bytes, section_count, names = struct.unpack_from("<4H", data, 44)
    struct.pack_into("<4H", data, 44, 0xFFFF, section_bytes, 0, 0xFFFF)
    struct.pack_into("<3I", data, sections_at + 20, section_count, names, segment_count)
    read = parse_elf(bytes(data), ORIGIN)
    assert read.flash_contents == parse_elf(small_program(b"text"), ORIGIN).flash_contents
    assert "main" in read.symbols
