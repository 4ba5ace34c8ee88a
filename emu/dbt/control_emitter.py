"""The part of the emitter for control registers: moves of plain ones and of PSR.

A return from an exception and low power end a stay in translated code for what the core has to do then.
Everything else is left to the interpreter, and ends a stay in translated code: other control registers, and
a PSR for which other code would have been made (`mode.LEFT_TO_PYTHON`).
"""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from typing import cast

from emu.dbt import a64
from emu.dbt.exits import Jump, Leave, Reason, Terminator
from emu.dbt.mode import LEFT_TO_PYTHON
from emu.dbt.regmap import BASE, CONTROL, MAY_NOT_RETURN, NEXT_PC, PENDING, PSR
from emu.dbt.values import Emitted, HostValue, Output
from emu.engine.control_registers import VBR_MASK
from emu.isa.ops import LowPower, NotInThisBackEndError, Ops, Value
from emu.isa.state import MASK32, Control, Psr

_ASLEEP = {LowPower.WAIT: Reason.WAIT, LowPower.DOZE: Reason.DOZE, LowPower.STOP: Reason.STOP}


class ControlEmitter(Ops, Output):
    """Emits the operations of `Ops` on control registers."""

    terminator: Terminator | None

    def exception(self, vector: int) -> None:
        raise NotInThisBackEndError

    def read_control(self, index: int, bank: int) -> Value:
        register = (index, bank)
        if register == Control.PSR:
            return self.vector_word(PSR) | self.c
        if register not in CONTROL:
            raise NotInThisBackEndError
        return self._page_word(CONTROL[register])

    def write_control(self, index: int, bank: int, value: Value) -> None:
        register = (index, bank)
        if register == Control.PSR:
            self._write_psr(value)
        elif register in CONTROL:
            stored = value & VBR_MASK if register == Control.VBR else value
            self.out(a64.str_(cast(Emitted, stored).reg(), BASE, CONTROL[register], 8))
        else:
            raise NotInThisBackEndError

    def _write_psr(self, value: Value) -> None:
        before = self.vector_word(PSR)
        left_to_python = cast(Emitted, (value ^ before) & LEFT_TO_PYTHON).reg()
        self.side_exit(a64.cbnz(left_to_python), Reason.INTERPRET)
        self.c = value & Psr.C
        self._set_psr(before, value & (~Psr.C & MASK32))

    def set_psr_bits(self, mask: int) -> None:
        before = self.vector_word(PSR)
        self._set_psr(before, before | self.constant(mask))

    def clear_psr_bits(self, mask: int) -> None:
        left = self.vector_word(PSR) & ~self.constant(mask)
        self.out(a64.fmov_from_general(PSR, cast(Emitted, left).reg()))

    def _set_psr(self, before: Value, value: Value) -> None:
        """Write PSR; end the run if an interrupt waits for a bit that was 0 `before`."""
        if self.terminator is not None:  # the way out leads to the next instruction
            raise NotInThisBackEndError
        self.out(a64.fmov_from_general(PSR, cast(Emitted, value).reg()))
        awaited = cast(Emitted, value & ~before & self.vector_word(PENDING)).reg()
        self.side_exit(a64.cbnz(awaited), Reason.ATTENTION, behind=True)

    def _page_word(self, offset: int) -> HostValue:
        """The word at an offset from X28."""
        return self.result(a64.ldr(self.temporary(), BASE, offset, 4))

    def vector_word(self, number: int) -> HostValue:
        """The word in an S register."""
        return self.result(a64.fmov_to_general(self.temporary(), number))

    def set_conditions(self, conditions: Value) -> None:
        raise NotInThisBackEndError

    def return_from_exception(self) -> None:
        """Return, if the core allows it, to code of the same mode that has the same stack."""
        after, test, scratch = self._page_word(CONTROL[Control.EPSR]), self.temporary(), self.temporary()
        self.out(a64.fmov_to_general(test, PSR))
        self.out(a64.rrr(a64.EOR, test, test, after.n))
        for word in a64.constant(scratch, LEFT_TO_PYTHON):
            self.out(word)
        self.out(a64.rrr(a64.AND, test, test, scratch))
        self.out(a64.ldr(scratch, BASE, MAY_NOT_RETURN, 4))
        self.out(a64.rrr(a64.ORR, test, test, scratch))
        self.side_exit(a64.cbnz(test), Reason.RETURN, behind=True)
        self.out(a64.str_(BASE, BASE, MAY_NOT_RETURN, 8))
        self.out(a64.lsr_imm(test, after.n, 1))
        self.out(a64.lsl_imm(test, test, 1))
        self.out(a64.fmov_from_general(PSR, test))
        self.c = self.result(a64.rrr(a64.EOR, scratch, after.n, test))
        self.out(a64.ldr(NEXT_PC, BASE, CONTROL[Control.EPC], 4))
        self.terminator = Jump(is_return=False)

    def low_power(self, mode: LowPower) -> None:
        self.terminator = Leave(_ASLEEP[mode])
