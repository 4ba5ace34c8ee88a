"""Arithmetic and logic in 16-bit forms."""

from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops


@insn("addu", "{rz}, {rx}", "011000 rz:4 rx:4 00", aliases=("add",))
def addu16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ + RX"""
    t[rz] = t[rz] + t[rx]


@insn("subu", "{rz}, {rx}", "011000 rz:4 rx:4 10", aliases=("sub",))
def subu16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ - RX"""
    t[rz] = t[rz] - t[rx]


@insn("addu", "{rz}, {rx}, {ry}", "01011 rx:3 rz:3 ry:3 00", aliases=("add",))
def addu16_three(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + RY"""
    t[rz] = t[rx] + t[ry]
