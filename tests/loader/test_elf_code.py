"""Code of ELF files, and the marks that tell data in it."""

from __future__ import annotations

from support.elf_builder import BuiltSection, BuiltSymbol, build_elf

from emu.loader.elf_code import ElfCode

TEXT = 0x0800_F400


def built(*symbols: BuiltSymbol) -> ElfCode:
    sections = [
        BuiltSection(".text", TEXT, bytes(range(32))),
        BuiltSection(".data", 0x2000_0100, b"data", load_address=TEXT + 32),
    ]
    return ElfCode(build_elf(sections, list(symbols)))


def test_bytes_are_where_they_run() -> None:
    code = built()
    assert code.bytes_at(TEXT + 4, 3) == bytes([4, 5, 6])
    assert code.bytes_at(0x2000_0102, 2) == b"ta"
    assert code.bytes_at(TEXT + 30, 4) == bytes([30, 31])
    assert code.bytes_at(TEXT + 32, 4) == code.bytes_at(0, 1) == ElfCode().bytes_at(TEXT, 1) == b""


def test_data_among_code_is_left_out() -> None:
    code = built(
        BuiltSymbol("$d", TEXT),  # of two marks the last one counts
        BuiltSymbol("$t", TEXT),
        BuiltSymbol("$d.1", TEXT + 12),
        BuiltSymbol("$t", TEXT + 20),
    )
    assert list(code.ranges([TEXT, TEXT + 8, TEXT + 32])) == [
        (TEXT, TEXT + 8),
        (TEXT + 8, TEXT + 12),
        (TEXT + 20, TEXT + 32),
    ]


def test_without_marks_all_is_code() -> None:
    assert list(built().ranges([TEXT + 8, TEXT])) == [(TEXT, TEXT + 8)]
