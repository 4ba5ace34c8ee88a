"""The instruction set reference, written from the declarations: python -m emu.isa.reference docs/isa.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from emu.isa.insn import Insn, Operand
from emu.isa.operands import BranchOffset, GeneralRegister, LiteralOffset, OperandKind
from emu.isa.table import CHAPTERS, INSNS

INTRODUCTION = """\
# Instruction set

Generated from the declarations in `emu/isa`; do not edit. The encoding reads from the most significant bit;
`name:width` is a field, and one that occurs twice is joined, high part first. The operation uses operand
values; the notes say how a field becomes a value where it is not just the number.
"""


def markdown() -> str:
    """Give the whole reference."""
    return "\n".join([INTRODUCTION, *(line for chapter in CHAPTERS for line in _chapter(chapter))])


def _chapter(chapter: ModuleType) -> Iterator[str]:
    title, _, notes = (chapter.__doc__ or "").strip().partition("\n\n")
    yield f"## {title.rstrip('.')}\n"
    if notes:
        yield f"{notes}\n"
    yield "| Instruction | Encoding | Operation | Notes |"
    yield "|---|---|---|---|"
    yield from (_line(row) for row in INSNS if row.execute.__module__ == chapter.__name__)
    yield ""


def _line(row: Insn) -> str:
    names = {operand.name: _Name(operand.name) for operand in row.operands}
    syntax = f"{row.mnemonic} {row.syntax.format(**names)}".rstrip()
    notes = ["privileged"] if row.privileged else []
    notes += [note for operand in row.operands if (note := _note(operand))]
    cells = f"`{syntax}`", f"`{row.pattern}`", row.operation, "; ".join(notes)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


class _Name(str):
    """Shows as itself whatever the number format."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)


def _note(operand: Operand) -> str:
    kind = operand.kind
    if isinstance(kind, GeneralRegister):
        return ""
    if type(kind) not in (OperandKind, BranchOffset, LiteralOffset):
        meaning = (kind.__doc__ or "").partition("\n")[0].rstrip(".")
        return f"{operand.name}: {meaning[:1].lower()}{meaning[1:]}"
    field = f"{'signed ' if kind.signed else ''}field"
    field += f" * {kind.scale}" if kind.scale != 1 else ""
    field += f" + {kind.bias}" if kind.bias else ""
    return "" if field == "field" else f"{operand.name} = {field}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown(), encoding="utf-8", newline="\n")
