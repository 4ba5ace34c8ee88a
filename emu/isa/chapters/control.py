"""Control registers, exceptions and the rest of the system instructions."""

from emu.isa.chapters.load_store import lrw16_far
from emu.isa.insn import Flow, insn
from emu.isa.operands import Imm, OImm, PsrList, Reg
from emu.isa.ops import LowPower, Ops, Vector
from emu.isa.state import SP, Control, Psr


@insn(
    "mfcr",
    "{rz}, cr<{index}, {bank}>",
    "110000 bank:5 index:5 011000 00001 rz:5",
    flow=Flow.SYSTEM,
    privileged=True,
    inline=True,
)
def mfcr32(t: Ops, rz: Reg, index: Imm, bank: Imm) -> None:
    """RZ ← CR<INDEX, BANK>"""
    t[rz] = t.read_control(index, bank)


@insn(
    "mtcr",
    "{rx}, cr<{index}, {bank}>",
    "110000 bank:5 rx:5 011001 00001 index:5",
    flow=Flow.SYSTEM,
    privileged=True,
    inline=True,
)
def mtcr32(t: Ops, rx: Reg, index: Imm, bank: Imm) -> None:
    """CR<INDEX, BANK> ← RX"""
    t.write_control(index, bank, t[rx])


@insn(
    "psrset",
    "{bits}",
    "110000 bits:5 00000 011101 00001 00000",
    flow=Flow.SYSTEM,
    privileged=True,
    inline=True,
)
def psrset32(t: Ops, bits: PsrList) -> None:
    """PSR ← PSR | BITS"""
    t.set_psr_bits(bits)


@insn(
    "psrclr",
    "{bits}",
    "110000 bits:5 00000 011100 00001 00000",
    flow=Flow.SYSTEM,
    privileged=True,
    inline=True,
)
def psrclr32(t: Ops, bits: PsrList) -> None:
    """PSR ← PSR & ~BITS"""
    t.clear_psr_bits(bits)


@insn("trap", "{number}", "110000 00000 00000 0010 number:2 00001 00000", flow=Flow.SYSTEM, returns=False)
def trap32(t: Ops, number: Imm) -> None:
    """exception TRAP0 + NUMBER"""
    t.exception(Vector.TRAP0 + number)


@insn("bkpt", "", "0000000000000000", flow=Flow.SYSTEM, returns=False, refines=lrw16_far)
def bkpt16(t: Ops) -> None:
    """exception BREAKPOINT"""
    t.exception(Vector.BREAKPOINT)


@insn(
    "rte",
    "",
    "110000 00000 00000 010000 00001 00000",
    flow=Flow.SYSTEM,
    privileged=True,
    returns=False,
    traced=False,
)
def rte32(t: Ops) -> None:
    """PSR ← EPSR; PC ← EPC"""
    t.return_from_exception()


@insn(
    "rfi",
    "",
    "110000 00000 00000 010001 00001 00000",
    flow=Flow.SYSTEM,
    privileged=True,
    returns=False,
    traced=False,
)
def rfi32(t: Ops) -> None:
    """PSR ← FPSR; PC ← FPC"""
    t.jump(t.read_control(*Control.FPC))
    t.write_control(*Control.PSR, t.read_control(*Control.FPSR))


# GUESS: privileged, as it changes PSR; the vendor's QEMU checks this for nir only.
@insn("nie", "", "000101 00011 00000", flow=Flow.SYSTEM, privileged=True, inline=True)
def nie16(t: Ops) -> None:
    """MEM32[SP - 4] ← EPC; MEM32[SP - 8] ← EPSR; SP ← SP - 8; PSR.EE, PSR.IE ← 1"""
    base = t[SP] - 8
    t.store(base + 4, 4, t.read_control(*Control.EPC))
    t.store(base, 4, t.read_control(*Control.EPSR))
    t[SP] = base
    t.set_psr_bits(Psr.EE | Psr.IE)


@insn(
    "nir",
    "",
    "000101 00011 00001",
    flow=Flow.SYSTEM,
    privileged=True,
    returns=False,
    traced=False,
)
def nir16(t: Ops) -> None:
    """EPSR ← MEM32[SP]; EPC ← MEM32[SP + 4]; SP ← SP + 8; PSR ← EPSR; PC ← EPC"""
    base = t[SP]
    epsr, epc = t.load(base, 4), t.load(base + 4, 4)
    t.write_control(*Control.EPSR, epsr)
    t.write_control(*Control.EPC, epc)
    t[SP] = base + 8
    t.return_from_exception()


@insn("wait", "", "110000 00000 00000 010011 00001 00000", flow=Flow.SYSTEM, privileged=True)
def wait32(t: Ops) -> None:
    """low-power mode WAIT"""
    t.low_power(LowPower.WAIT)


@insn("doze", "", "110000 00000 00000 010100 00001 00000", flow=Flow.SYSTEM, privileged=True)
def doze32(t: Ops) -> None:
    """low-power mode DOZE"""
    t.low_power(LowPower.DOZE)


@insn("stop", "", "110000 00000 00000 010010 00001 00000", flow=Flow.SYSTEM, privileged=True)
def stop32(t: Ops) -> None:
    """low-power mode STOP"""
    t.low_power(LowPower.STOP)


# As in XuanTie QEMU (sce, csky_cpu_do_interrupt, helper_rte), which executes it on ck804ef.
@insn("sce", "{cond}", "110000 0 cond:4 00000 000110 00001 00000", flow=Flow.SYSTEM)
def sce32(t: Ops, cond: Imm) -> None:
    """execute instruction I = 0..3 of the next four only if COND[I] = C"""
    t.set_conditions(t.select(t.c, cond | 1 << 4, ~cond & 15 | 1 << 4))


@insn("idly", "{oimm}", "110000 oimm:5 00000 000111 00001 00000")
def idly32(t: Ops, oimm: OImm) -> None:
    """C ← 0; no interrupts during the next OIMM instructions"""
    # Interrupts come at backward and computed branches only, so none comes between.
    # GUESS: an exception among the next four does not set C; in XuanTie QEMU it does.
    t.c = 0


@insn("sync", "{imm}", "110000 imm:5 00000 000001 00001 00000")
def sync32_options(t: Ops, imm: Imm) -> None:
    """wait until earlier memory accesses are done"""


@insn("sync", "", "110000 00000 00000 000001 00001 00000", refines=sync32_options)
def sync32(t: Ops) -> None:
    """wait until earlier memory accesses are done"""
