"""Loads and stores that step their base register (from the DSP extension; compilers use them in loops)."""

from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops

# GUESS: where RZ is also the base or the step, the loaded value wins; the vectors leave these cases out.


@insn("ldbi.b", "{rz}, ({rx})", "110100 00000 rx:5 100000 00000 rz:5")
def ldbi_b(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← MEM8[RX]; RX ← RX + 1"""
    _load(t, rz, rx, 1)


@insn("ldbi.h", "{rz}, ({rx})", "110100 00000 rx:5 100001 00000 rz:5")
def ldbi_h(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← MEM16[RX]; RX ← RX + 2"""
    _load(t, rz, rx, 2)


@insn("ldbi.w", "{rz}, ({rx})", "110100 00000 rx:5 100010 00000 rz:5")
def ldbi_w(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← MEM32[RX]; RX ← RX + 4"""
    _load(t, rz, rx, 4)


@insn("ldbi.hs", "{rz}, ({rx})", "110100 00000 rx:5 100100 00000 rz:5")
def ldbi_hs(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← MEM16[RX], sign-extended; RX ← RX + 2"""
    _load(t, rz, rx, 2, signed=True)


@insn("ldbi.bs", "{rz}, ({rx})", "110100 00000 rx:5 100101 00000 rz:5")
def ldbi_bs(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← MEM8[RX], sign-extended; RX ← RX + 1"""
    _load(t, rz, rx, 1, signed=True)


@insn("stbi.b", "{rz}, ({rx})", "110101 00000 rx:5 100000 00000 rz:5")
def stbi_b(t: Ops, rz: Reg, rx: Reg) -> None:
    """MEM8[RX] ← RZ; RX ← RX + 1"""
    t.store(t[rx], 1, t[rz])
    t[rx] = t[rx] + 1


@insn("stbi.h", "{rz}, ({rx})", "110101 00000 rx:5 100001 00000 rz:5")
def stbi_h(t: Ops, rz: Reg, rx: Reg) -> None:
    """MEM16[RX] ← RZ; RX ← RX + 2"""
    t.store(t[rx], 2, t[rz])
    t[rx] = t[rx] + 2


@insn("stbi.w", "{rz}, ({rx})", "110101 00000 rx:5 100010 00000 rz:5")
def stbi_w(t: Ops, rz: Reg, rx: Reg) -> None:
    """MEM32[RX] ← RZ; RX ← RX + 4"""
    t.store(t[rx], 4, t[rz])
    t[rx] = t[rx] + 4


def _load(t: Ops, rz: int, rx: int, size_bytes: int, *, signed: bool = False) -> None:
    loaded = t.load(t[rx], size_bytes, signed=signed)
    t[rx] = t[rx] + size_bytes
    t[rz] = loaded
