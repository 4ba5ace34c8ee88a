"""The floating-point part of the emitter: AArch64's own arithmetic, with FPCR.FZ set.

It agrees with `engine.float_unit` bit for bit as long as FCR asks for nothing special (`Mode.plain_float`),
but for which of two NaNs comes out: an instruction that may have met two is left to the interpreter if it
makes a NaN. That is tested on the bits, since Unicorn calls a function for each comparison of floats.
Exceptions are not looked at here: see float_status.py.
"""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from typing import cast

from emu.dbt import a64, a64_float
from emu.dbt.exits import Reason
from emu.dbt.regmap import FLOAT_OPERAND, FLOAT_RESULT, LAST_FLOAT
from emu.dbt.values import Constant, Emitted, Output
from emu.engine.float_unit import INFINITY, QUIET
from emu.isa.ops import NotInThisBackEndError, Ops, Rounding, Value
from emu.isa.single_precision import SIGN

_ABOVE_INFINITY = 0x7FFF_FFFF - INFINITY
"""Carries the magnitude of a NaN, and of nothing else, into bit 31."""
_SIGNALLING = _ABOVE_INFINITY - QUIET
"""Does that for a signalling NaN whose bit QUIET has been flipped."""


class FloatValue(Emitted):
    """A value in S register `s`; it moves to a general register where one is needed.

    `place` is its place among the registers that the instruction reads.
    """

    __slots__ = ("place", "s")

    def __init__(self, e: Output, s: int, place: int | None = None) -> None:
        self.e, self.wide, self.held, self.s, self.place = e, False, None, s, place

    def into(self, rd: int) -> None:
        self.e.out(a64.fmov_to_general(rd, self.s))


class FloatEmitter(Ops, Output):
    """Emits the floating-point operations of `Ops`."""

    plain_float: bool
    arithmetic: int
    """`float_status.number_of` the instruction."""
    float_reads: int
    """How many floating-point registers the instruction has read so far."""
    float_noted: bool
    """Whether the instruction has been noted as the last one."""
    may_be_wrong_nan: bool
    """Whether the instruction may have met two NaNs."""

    def float_register(self, register: int) -> Value:
        self.float_reads += 1
        return FloatValue(self, register, self.float_reads)

    def set_float_register(self, register: int, value: Value) -> None:
        if self.registers.borrowed:  # it would clear lane 1
            raise NotInThisBackEndError
        if self.may_be_wrong_nan:
            self._leave_if_nan(value)
        if isinstance(value, FloatValue):
            self.out(a64_float.one(a64_float.FMOV, register, value.s))
        else:
            self.out(a64.fmov_from_general(register, cast(Emitted, value).reg()))

    def float_add(self, x: Value, y: Value) -> Value:
        return self._arithmetic(a64_float.FADD, x, y)

    def float_subtract(self, x: Value, y: Value) -> Value:
        return self._arithmetic(a64_float.FSUB, x, y)

    def float_multiply(self, x: Value, y: Value) -> Value:
        return self._arithmetic(a64_float.FMUL, x, y)

    def float_divide(self, x: Value, y: Value) -> Value:
        return self._arithmetic(a64_float.FDIV, x, y)

    def float_square_root(self, x: Value) -> Value:
        return self._converted(a64_float.FSQRT, x)

    def _arithmetic(self, op: int, x: Value, y: Value) -> Value:
        a, b = self._begin(x, y)
        self.out(a64_float.two(op, FLOAT_RESULT, a, b))
        self.may_be_wrong_nan |= a != b and not isinstance(x, Constant)
        return FloatValue(self, FLOAT_RESULT)

    def float_less(self, x: Value, y: Value) -> Value:
        return self._comparison(a64_float.FCMGT, y, x)

    def float_less_or_equal(self, x: Value, y: Value) -> Value:
        return self._comparison(a64_float.FCMGE, y, x)

    def float_equal(self, x: Value, y: Value) -> Value:
        return self._comparison(a64_float.FCMEQ, x, y)

    def float_unordered(self, x: Value, y: Value) -> Value:
        self._begin(x, y)
        return (self._quiet_nan(x) | self._quiet_nan(y)).bits(31, 31)

    def _quiet_nan(self, number: Value) -> Value:
        """A word whose bit 31 says whether a number is a NaN; have the instruction interpreted if it signals.

        On the bits, as AArch64's comparisons note a denormal, which this one does not.
        """
        if isinstance(number, Constant):
            return self.constant(0)
        magnitude = self.vector_word(cast(FloatValue, number).s) & ~SIGN
        signals = (magnitude ^ QUIET) + _SIGNALLING
        self.side_exit(a64.tbnz(cast(Emitted, signals).reg(), 31), Reason.INTERPRET)
        return magnitude + _ABOVE_INFINITY

    def _comparison(self, op: int, x: Value, y: Value) -> Value:
        self.out(a64_float.two(op, FLOAT_RESULT, *self._begin(x, y)))
        return self.result(a64.fmov_to_general(self.temporary(), FLOAT_RESULT)).bits(31, 31)

    def float_from_signed(self, x: Value) -> Value:
        return self._converted(a64_float.SCVTF, x)

    def float_from_unsigned(self, x: Value) -> Value:
        return self._converted(a64_float.UCVTF, x)

    def float_to_signed(self, x: Value, rounding: Rounding) -> Value:
        self._leave_if_nan(x)
        return self._converted(a64_float.TO_SIGNED[rounding], x)

    def float_to_unsigned(self, x: Value, rounding: Rounding) -> Value:
        self._leave_if_nan(x)
        return self._converted(a64_float.TO_UNSIGNED[rounding], x)

    def _converted(self, op: int, x: Value) -> Value:
        self.out(a64_float.one(op, FLOAT_RESULT, *self._begin(x)))
        return FloatValue(self, FLOAT_RESULT)

    def _begin(self, *operands: Value) -> list[int]:
        """Bring the operands into S registers, and note those that are registers of the guest."""
        if not self.plain_float:
            raise NotInThisBackEndError
        taken = {operand.s for operand in operands if isinstance(operand, FloatValue)}
        free = [s for s in (FLOAT_RESULT, FLOAT_OPERAND) if s not in taken]
        sources = []
        for operand in operands:
            if isinstance(operand, FloatValue):
                sources.append(operand.s)
                if operand.place is not None:
                    self.out(a64_float.copy_to_lane(LAST_FLOAT, operand.place, operand.s))
            else:
                sources.append(free.pop())
                self.out(a64.fmov_from_general(sources[-1], cast(Emitted, operand).reg()))
        self._note_instruction()
        return sources

    def _note_instruction(self) -> None:
        if not self.float_noted:
            self.float_noted = True
            number = cast(Emitted, self.constant(self.arithmetic))
            self.out(a64_float.to_lane(LAST_FLOAT, 0, number.reg()))

    def _leave_if_nan(self, value: Value) -> None:
        """Have the instruction interpreted if the value is a NaN."""
        self.side_exit(a64.tbnz(cast(Emitted, _above_infinity(value)).reg(), 31), Reason.INTERPRET)


def _above_infinity(number: Value) -> Value:
    """A word whose bit 31 says whether a number is a NaN."""
    return (number & ~SIGN) + _ABOVE_INFINITY
