"""Branches and jumps."""

from emu.isa.insn import Flow, insn
from emu.isa.operands import Branch, Literal, Reg, literal_address
from emu.isa.ops import Ops
from emu.isa.state import LINK


@insn("br", "{offset:#x}", "000001 offset:10", flow=Flow.BRANCH)
def br16(t: Ops, offset: Branch) -> None:
    """PC ← PC + OFFSET"""
    t.branch(t.pc + offset)


@insn("br", "{offset:#x}", "111010 00000 00000 offset:16", flow=Flow.BRANCH)
def br32(t: Ops, offset: Branch) -> None:
    """PC ← PC + OFFSET"""
    t.branch(t.pc + offset)


@insn("bt", "{offset:#x}", "000010 offset:10", flow=Flow.CONDITIONAL)
def bt16(t: Ops, offset: Branch) -> None:
    """if C: PC ← PC + OFFSET"""
    t.branch_if(t.c, t.pc + offset)


@insn("bt", "{offset:#x}", "111010 00011 00000 offset:16", flow=Flow.CONDITIONAL)
def bt32(t: Ops, offset: Branch) -> None:
    """if C: PC ← PC + OFFSET"""
    t.branch_if(t.c, t.pc + offset)


@insn("bf", "{offset:#x}", "000011 offset:10", flow=Flow.CONDITIONAL)
def bf16(t: Ops, offset: Branch) -> None:
    """if not C: PC ← PC + OFFSET"""
    t.branch_if(t.c ^ 1, t.pc + offset)


@insn("bf", "{offset:#x}", "111010 00010 00000 offset:16", flow=Flow.CONDITIONAL)
def bf32(t: Ops, offset: Branch) -> None:
    """if not C: PC ← PC + OFFSET"""
    t.branch_if(t.c ^ 1, t.pc + offset)


@insn("bez", "{rx}, {offset:#x}", "111010 01000 rx:5 offset:16", flow=Flow.CONDITIONAL)
def bez32(t: Ops, rx: Reg, offset: Branch) -> None:
    """if RX = 0: PC ← PC + OFFSET"""
    t.branch_if(t[rx].eq(0), t.pc + offset)


@insn("bnez", "{rx}, {offset:#x}", "111010 01001 rx:5 offset:16", flow=Flow.CONDITIONAL)
def bnez32(t: Ops, rx: Reg, offset: Branch) -> None:
    """if RX ≠ 0: PC ← PC + OFFSET"""
    t.branch_if(t[rx].ne(0), t.pc + offset)


@insn("bhz", "{rx}, {offset:#x}", "111010 01010 rx:5 offset:16", flow=Flow.CONDITIONAL)
def bhz32(t: Ops, rx: Reg, offset: Branch) -> None:
    """if RX > 0 (signed): PC ← PC + OFFSET"""
    t.branch_if(t.constant(0).slt(t[rx]), t.pc + offset)


@insn("blsz", "{rx}, {offset:#x}", "111010 01011 rx:5 offset:16", flow=Flow.CONDITIONAL)
def blsz32(t: Ops, rx: Reg, offset: Branch) -> None:
    """if RX ≤ 0 (signed): PC ← PC + OFFSET"""
    t.branch_if(t[rx].slt(1), t.pc + offset)


@insn("blz", "{rx}, {offset:#x}", "111010 01100 rx:5 offset:16", flow=Flow.CONDITIONAL)
def blz32(t: Ops, rx: Reg, offset: Branch) -> None:
    """if RX < 0 (signed): PC ← PC + OFFSET"""
    t.branch_if(t[rx].slt(0), t.pc + offset)


@insn("bhsz", "{rx}, {offset:#x}", "111010 01101 rx:5 offset:16", flow=Flow.CONDITIONAL)
def bhsz32(t: Ops, rx: Reg, offset: Branch) -> None:
    """if RX ≥ 0 (signed): PC ← PC + OFFSET"""
    t.branch_if(t[rx].sge(0), t.pc + offset)


@insn("bnezad", "{rx}, {offset:#x}", "111010 00001 rx:5 offset:16", flow=Flow.CONDITIONAL)
def bnezad32(t: Ops, rx: Reg, offset: Branch) -> None:
    """RX ← RX - 1; if RX ≠ 0: PC ← PC + OFFSET"""
    t[rx] = t[rx] - 1
    t.branch_if(t[rx].ne(0), t.pc + offset)


@insn("bsr", "{offset:#x}", "111000 offset:26", flow=Flow.CALL)
def bsr32(t: Ops, offset: Branch) -> None:
    """R15 ← next PC; PC ← PC + OFFSET"""
    t[LINK] = t.next_pc
    t.branch(t.pc + offset)


@insn("jmp", "{rx}", "011110 0000 rx:4 00", flow=Flow.INDIRECT)
def jmp16(t: Ops, rx: Reg) -> None:
    """PC ← RX"""
    t.jump(t[rx])


@insn("rts", "", "011110 0000 1111 00", flow=Flow.INDIRECT, refines=jmp16)
def rts16(t: Ops) -> None:
    """PC ← R15"""
    t.jump(t[LINK])


@insn("jmp", "{rx}", "111010 00110 rx:5 0000000000000000", flow=Flow.INDIRECT)
def jmp32(t: Ops, rx: Reg) -> None:
    """PC ← RX"""
    t.jump(t[rx])


@insn("rts", "", "111010 00110 01111 0000000000000000", flow=Flow.INDIRECT, refines=jmp32)
def rts32(t: Ops) -> None:
    """PC ← R15"""
    t.jump(t[LINK])


@insn("jsr", "{rx}", "011110 1111 rx:4 01", flow=Flow.INDIRECT_CALL)
def jsr16(t: Ops, rx: Reg) -> None:
    """R15 ← next PC; PC ← RX"""
    target = t[rx]
    t[LINK] = t.next_pc
    t.jump(target)


@insn("jsr", "{rx}", "111010 00111 rx:5 0000000000000000", flow=Flow.INDIRECT_CALL)
def jsr32(t: Ops, rx: Reg) -> None:
    """R15 ← next PC; PC ← RX"""
    target = t[rx]
    t[LINK] = t.next_pc
    t.jump(target)


@insn("jmpi", "0x{offset:X}", "111010 10110 00000 offset:16", flow=Flow.INDIRECT)
def jmpi32(t: Ops, offset: Literal) -> None:
    """PC ← MEM32[(PC + OFFSET) & ~3]"""
    t.jump(t.load_literal(literal_address(t.pc, offset)))


@insn("jsri", "0x{offset:X}", "111010 10111 00000 offset:16", flow=Flow.INDIRECT_CALL)
def jsri32(t: Ops, offset: Literal) -> None:
    """R15 ← next PC; PC ← MEM32[(PC + OFFSET) & ~3]"""
    target = t.load_literal(literal_address(t.pc, offset))
    t[LINK] = t.next_pc
    t.jump(target)


@insn("bloop", "{rx}, {offset:#x}, {end:#x}", "111010 01110 rx:5 end:4 offset:12", flow=Flow.CONDITIONAL)
def bloop32(t: Ops, rx: Reg, offset: Branch, end: Branch) -> None:
    """RX ← RX - 1; if RX ≠ 0: PC ← PC + OFFSET; END only tells the hardware where the loop ends"""
    t[rx] = t[rx] - 1
    t.branch_if(t[rx].ne(0), t.pc + offset)
