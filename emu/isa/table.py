"""The whole instruction set: importing the chapters declares their instructions."""

from emu.isa import alu16, branch
from emu.isa.insn import TABLE, Insn

CHAPTERS = (alu16, branch)

INSNS: tuple[Insn, ...] = TABLE.rows
BY_NAME: dict[str, Insn] = {row.name: row for row in INSNS}
