"""Instruction text, equal to what GNU objdump prints for ck804ef but with single spaces and no padding."""

from __future__ import annotations

from collections.abc import Callable

from emu.isa.decode import match, size_bytes
from emu.isa.insn import Insn
from emu.isa.operands import BranchOffset, LiteralOffset, literal_address

SymbolAt = Callable[[int], str | None]
LiteralAt = Callable[[int], int | None]


def disassemble(
    halfword0: int,
    halfword1: int,
    pc: int = 0,
    *,
    literal: LiteralAt | None = None,
    symbol: SymbolAt | None = None,
) -> str:
    """Give the text of the instruction at `pc`, or .short/.long if it is undefined.

    With `literal`, which reads a word of the image, a literal operand prints as its value, as in objdump.
    With `symbol`, a branch target or literal value that has a name is followed by it: `bsr 0x8010 // main`.
    """
    row, size = match(halfword0, halfword1), size_bytes(halfword0)
    word = halfword0 if size == 2 else halfword0 << 16 | halfword1
    if row is None or not row.is_listed(word):
        return f".short 0x{word:04x}" if size == 2 else f".long 0x{word:08x}"
    return _text(row, word, pc, literal, symbol)


def _text(row: Insn, word: int, pc: int, literal: LiteralAt | None, symbol: SymbolAt | None) -> str:
    shown: dict[str, str | int] = {}
    named = None
    for operand, value in zip(row.operands, row.decode(word), strict=True):
        text = operand.kind.text(value, pc)
        if literal and isinstance(operand.kind, LiteralOffset):
            content = literal(literal_address(pc, value))
            text = text if content is None else operand.kind.content_text(content)
        if symbol and named is None and isinstance(operand.kind, BranchOffset | LiteralOffset):
            named = symbol(int(text))
        shown[operand.name] = text
    line = f"{row.mnemonic} {row.syntax.format(**shown)}".rstrip()
    return f"{line} // {named}" if named else line
