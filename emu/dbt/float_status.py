"""FESR behind a stay in translated code.

What all instructions have raised is in FPSR, which adds it up by itself. What the last one has raised would
take clearing FPSR before each; Unicorn then computes in software, as it uses the host's FPU only while FPSR
says "inexact" already. So translated code notes which instruction was the last one and what it read
(regmap.LAST_FLOAT), and it is executed once more, here, where somebody may look at FESR.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emu.engine.float_interpreter import ADDED_UP_SHIFT, ANY
from emu.engine.interpreter import Interpreter
from emu.engine.memory import Nowhere
from emu.engine.values import Word
from emu.isa.insn import Insn
from emu.isa.ops import Value
from emu.isa.state import Control, CpuState

UNTOUCHED = 1 << 63
"""In D[LAST_FLOAT]: no arithmetic instruction has been executed."""

# FPSR has a flushed operand in bit 7 and a flushed result in bit 3; FESR knows the former only, in bit 5.
_SAME_FLAGS, _FLUSHED_OPERAND, _DENORMAL = 0x17, 1 << 7, 1 << 5
_FIRST_HALFWORD = 0xF400  # of all of them, but for the registers


def number_of(insn: Insn) -> int:
    """What stands for an arithmetic instruction in LAST_FLOAT: its second halfword without registers."""
    return insn.match & 0xFFFF


class FloatStatus(Interpreter):
    """Tells FESR; an interpreter that executes one instruction for its flags only."""

    def __init__(self) -> None:
        super().__init__(CpuState(), Nowhere())
        self._operands: Iterator[int] = iter(())

    def updated(self, status: int, host_status: int, number: int, operands: Iterable[int]) -> int:
        """FESR after instructions that left `host_status` in FPSR; the last one's number and operands."""
        added_up = host_status & _SAME_FLAGS | (_DENORMAL if host_status & _FLUSHED_OPERAND else 0)
        if added_up:
            status |= (added_up | ANY) << ADDED_UP_SHIFT
        return status & ~0xFF | self._flags_of(number, operands)

    def _flags_of(self, number: int, operands: Iterable[int]) -> int:
        """FESR[7:0] behind an instruction that reads these operands, in this order."""
        word = _FIRST_HALFWORD << 16 | number
        row, fields = self._decoded.get(word) or self._decode(word)
        self._operands = iter(operands)
        self.float_flags = 0
        row.execute(self, *fields)
        return self.state.control[Control.FESR] & 0xFF

    def float_register(self, register: int) -> Value:
        """See `Ops.float_register`: the operands come as they were noted."""
        return Word(next(self._operands))

    def set_float_register(self, register: int, value: Value) -> None:
        """See `Ops.set_float_register`."""
