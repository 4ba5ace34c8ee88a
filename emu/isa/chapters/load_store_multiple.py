"""Loads and stores of several registers."""

from collections.abc import Sequence

from emu.isa.insn import Flow, insn
from emu.isa.operands import Reg, RegList, RegRange, listed_registers, range_registers
from emu.isa.ops import Ops
from emu.isa.state import LINK, SP

INTERRUPT_SAVED = (0, 1, 2, 3, 12, 13)


@insn("ldm", "{registers}, ({rx})", "110100 registers:5 rx:5 000111 00001 registers:5")
def ldm32(t: Ops, registers: RegRange, rx: Reg) -> None:
    """the registers ← consecutive words from MEM32[RX]"""
    t.load_words(t[rx], range_registers(registers))


@insn("stm", "{registers}, ({rx})", "110101 registers:5 rx:5 000111 00001 registers:5")
def stm32(t: Ops, registers: RegRange, rx: Reg) -> None:
    """consecutive words from MEM32[RX] ← the registers"""
    t.store_words(t[rx], range_registers(registers))


@insn("push", "{registers}", "000101 00110 registers:5")
def push16(t: Ops, registers: RegList) -> None:
    """SP ← SP - 4 * count; consecutive words from MEM32[SP] ← the registers"""
    _push(t, listed_registers(registers))


@insn("push", "{registers}", "111010 11111 00000 0000000 registers:9")
def push32(t: Ops, registers: RegList) -> None:
    """SP ← SP - 4 * count; consecutive words from MEM32[SP] ← the registers"""
    _push(t, listed_registers(registers))


@insn("pop", "{registers}", "000101 00100 registers:5", flow=Flow.INDIRECT)
def pop16(t: Ops, registers: RegList) -> None:
    """the registers ← consecutive words from MEM32[SP]; SP ← SP + 4 * count; PC ← R15"""
    _pop(t, listed_registers(registers))
    t.jump(t[LINK])


@insn("pop", "{registers}", "111010 11110 00000 0000000 registers:9", flow=Flow.INDIRECT)
def pop32(t: Ops, registers: RegList) -> None:
    """the registers ← consecutive words from MEM32[SP]; SP ← SP + 4 * count; PC ← R15"""
    _pop(t, listed_registers(registers))
    t.jump(t[LINK])


@insn("ipush", "", "000101 00011 00010")
def ipush16(t: Ops) -> None:
    """push R0-R3, R12, R13"""
    _push(t, INTERRUPT_SAVED)


@insn("ipop", "", "000101 00011 00011")
def ipop16(t: Ops) -> None:
    """pop R0-R3, R12, R13"""
    _pop(t, INTERRUPT_SAVED)


def _push(t: Ops, registers: Sequence[int]) -> None:
    base = t[SP] - 4 * len(registers)
    t.store_words(base, registers)
    t[SP] = base


def _pop(t: Ops, registers: Sequence[int]) -> None:
    t.load_words(t[SP], registers)
    t[SP] = t[SP] + 4 * len(registers)
