"""Loads and stores that step their base register (from the DSP extension; compilers use them in loops)."""

from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops, Value

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


# The step in a register.


@insn("ldbir.b", "{rz}, ({rx}), {ry}", "110100 ry:5 rx:5 101000 00000 rz:5")
def ldbir_b(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← MEM8[RX]; RX ← RX + RY"""
    _load_and_add(t, rz, rx, ry, t.load(t[rx], 1))


@insn("ldbir.h", "{rz}, ({rx}), {ry}", "110100 ry:5 rx:5 101001 00000 rz:5")
def ldbir_h(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← MEM16[RX]; RX ← RX + RY"""
    _load_and_add(t, rz, rx, ry, t.load(t[rx], 2))


@insn("ldbir.w", "{rz}, ({rx}), {ry}", "110100 ry:5 rx:5 101010 00000 rz:5")
def ldbir_w(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← MEM32[RX]; RX ← RX + RY"""
    _load_and_add(t, rz, rx, ry, t.load(t[rx], 4))


@insn("ldbir.bs", "{rz}, ({rx}), {ry}", "110100 ry:5 rx:5 101100 00000 rz:5")
def ldbir_bs(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← MEM8[RX], sign-extended; RX ← RX + RY"""
    _load_and_add(t, rz, rx, ry, t.load(t[rx], 1, signed=True))


@insn("ldbir.hs", "{rz}, ({rx}), {ry}", "110100 ry:5 rx:5 101101 00000 rz:5")
def ldbir_hs(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← MEM16[RX], sign-extended; RX ← RX + RY"""
    _load_and_add(t, rz, rx, ry, t.load(t[rx], 2, signed=True))


@insn("stbir.b", "{rz}, ({rx}), {ry}", "110101 ry:5 rx:5 101000 00000 rz:5")
def stbir_b(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """MEM8[RX] ← RZ; RX ← RX + RY"""
    t.store(t[rx], 1, t[rz])
    t[rx] = t[rx] + t[ry]


@insn("stbir.h", "{rz}, ({rx}), {ry}", "110101 ry:5 rx:5 101001 00000 rz:5")
def stbir_h(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """MEM16[RX] ← RZ; RX ← RX + RY"""
    t.store(t[rx], 2, t[rz])
    t[rx] = t[rx] + t[ry]


@insn("stbir.w", "{rz}, ({rx}), {ry}", "110101 ry:5 rx:5 101010 00000 rz:5")
def stbir_w(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """MEM32[RX] ← RZ; RX ← RX + RY"""
    t.store(t[rx], 4, t[rz])
    t[rx] = t[rx] + t[ry]


def _load_and_add(t: Ops, rz: int, rx: int, ry: int, loaded: Value) -> None:
    t[rx] = t[rx] + t[ry]
    t[rz] = loaded


# Two words at once.


@insn("pldbi.d", "{rz}, ({rx})", "110100 00000 rx:5 100011 00000 rz:5")
def pldbi_d(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← MEM32[RX]; RZ+1 ← MEM32[RX + 4]; RX ← RX + 8"""
    low, high = t.load(t[rx], 4), t.load(t[rx] + 4, 4)
    t[rx] = t[rx] + 8
    t[rz], t[(rz + 1) % 32] = low, high


@insn("pldbir.d", "{rz}, ({rx}), {ry}", "110100 ry:5 rx:5 101011 00000 rz:5")
def pldbir_d(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← MEM32[RX]; RZ+1 ← MEM32[RX + RY]; RX ← RX + 2 * RY"""
    low, high = t.load(t[rx], 4), t.load(t[rx] + t[ry], 4)
    t[rx] = t[rx] + t[ry].shl(1)
    t[rz], t[(rz + 1) % 32] = low, high
