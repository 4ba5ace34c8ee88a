"""The declarations read backwards: from a mnemonic and operand values to an encoding. Made for tests."""

from __future__ import annotations

from emu.isa.decode import decode
from emu.isa.insn import Insn
from emu.isa.table import BY_NAME, INSNS


class AssemblerError(ValueError):
    """No encoding takes these operands."""


def assemble(name: str, /, **operands: int) -> bytes:
    """Encode an instruction as it lies in memory.

    `name` is a mnemonic, one of its aliases, or the name of one declaration ("addu16"). Operand values are
    those that the semantics see: registers by number, branch targets as byte offsets. The shortest
    encoding that fits is taken.
    """
    problems = []
    for row in _candidates(name):
        try:
            return to_bytes(row, encode(row, operands))
        except AssemblerError as problem:
            problems.append(f"{row.name}: {problem}")
    raise AssemblerError("; ".join(problems) or f"no instruction is called {name!r}")


def encode(row: Insn, operands: dict[str, int]) -> int:
    """Put operand values into a row's pattern; AssemblerError if they do not fit."""
    names = {operand.name for operand in row.operands}
    if names != operands.keys():
        raise AssemblerError(f"takes the operands {sorted(names)}")
    word = row.match
    for operand in row.operands:
        try:
            raw = operand.kind.raw(operands[operand.name], operand.width)
        except ValueError as problem:
            raise AssemblerError(f"{operand.name}: {problem}") from problem
        for lsb, width in reversed(operand.parts):
            word |= (raw & (1 << width) - 1) << lsb
            raw >>= width
    found = _decoded(row, word)
    if found is not row:
        raise AssemblerError(f"these operands encode {found.name if found else 'nothing'}")
    return word


def to_bytes(row: Insn, word: int) -> bytes:
    """Lay an encoding out in memory: little-endian halfwords, the high one first."""
    if row.size_bytes == 2:
        return word.to_bytes(2, "little")
    return (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little")


def _candidates(name: str) -> list[Insn]:
    if name in BY_NAME:
        return [BY_NAME[name]]
    rows = [row for row in INSNS if name == row.mnemonic or name in row.aliases]
    return sorted(rows, key=lambda row: row.size_bytes)


def _decoded(row: Insn, word: int) -> Insn | None:
    return decode(word, 0) if row.size_bytes == 2 else decode(word >> 16, word & 0xFFFF)
