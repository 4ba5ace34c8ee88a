"""Instructions that the assembler takes for this CPU and that need something it does not have.

They are declared so that the disassembler knows them; real firmware has them only where it lists data.
"""

from emu.isa.insn import Flow, insn
from emu.isa.operands import Imm, Reg
from emu.isa.ops import Ops, Vector

# GUESS: without a coprocessor these are illegal. The vendor's QEMU decodes them and does nothing at all.


@insn(
    "cprgr", "{rz}, <{cp}, {register}>", "111111 cp:5 rz:5 0000 register:12", flow=Flow.SYSTEM, returns=False
)
def cprgr(t: Ops, rz: Reg, cp: Imm, register: Imm) -> None:
    """exception ILLEGAL_INSTRUCTION, for want of a coprocessor to read a general register from"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)


@insn(
    "cpwgr", "{rx}, <{cp}, {register}>", "111111 cp:5 rx:5 0001 register:12", flow=Flow.SYSTEM, returns=False
)
def cpwgr(t: Ops, rx: Reg, cp: Imm, register: Imm) -> None:
    """exception ILLEGAL_INSTRUCTION, for want of a coprocessor to write a general register of"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)


@insn(
    "cprcr", "{rz}, <{cp}, {register}>", "111111 cp:5 rz:5 0010 register:12", flow=Flow.SYSTEM, returns=False
)
def cprcr(t: Ops, rz: Reg, cp: Imm, register: Imm) -> None:
    """exception ILLEGAL_INSTRUCTION, for want of a coprocessor to read a control register from"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)


@insn(
    "cpwcr", "{rx}, <{cp}, {register}>", "111111 cp:5 rx:5 0011 register:12", flow=Flow.SYSTEM, returns=False
)
def cpwcr(t: Ops, rx: Reg, cp: Imm, register: Imm) -> None:
    """exception ILLEGAL_INSTRUCTION, for want of a coprocessor to write a control register of"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)


@insn("cprc", "<{cp}, {register}>", "111111 cp:5 00000 0100 register:12", flow=Flow.SYSTEM, returns=False)
def cprc(t: Ops, cp: Imm, register: Imm) -> None:
    """exception ILLEGAL_INSTRUCTION, for want of a coprocessor to read C from"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)


@insn(
    "cpop", "<{cp}, {operation}>", "111111 cp:5 operation:5 1 operation:15", flow=Flow.SYSTEM, returns=False
)
def cpop(t: Ops, cp: Imm, operation: Imm) -> None:
    """exception ILLEGAL_INSTRUCTION, for want of a coprocessor to do the operation"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)


# The vendor's QEMU refuses it on ck804ef: it asks for the TEE extension.


@insn("wsc", "", "110000 00000 00000 001111 00001 00000", flow=Flow.SYSTEM, returns=False)
def wsc(t: Ops) -> None:
    """exception ILLEGAL_INSTRUCTION; elsewhere: change between the trusted and the other world"""
    t.exception(Vector.ILLEGAL_INSTRUCTION)
