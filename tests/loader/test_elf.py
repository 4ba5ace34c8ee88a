from __future__ import annotations

import pytest
from support.elf_builder import BuiltSection, build_elf, small_program

from emu.loader.elf import parse_elf
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
