"""The floating-point part of the emitter: AArch64's own arithmetic, with FPCR.FZ set.

It agrees with `engine.float_unit` bit for bit as long as FCR asks for nothing special (`Mode.plain_float`),
but for which of two NaNs comes out: an instruction that may have met two is left to the interpreter if it
makes a NaN. That is tested on the bits, since Unicorn calls a function for each comparison of floats. Which
registers are used for what makes a difference of 14 ns an instruction on some hosts: docs/adr/0014.
Exceptions are not looked at here: see float_status.py.
"""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from typing import cast

from emu.dbt import a64, a64_float
from emu.dbt.exits import Reason
from emu.dbt.regmap import FLOAT_SCRATCH, LAST_FLOAT, LAST_FLOAT_OPERANDS
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

    __slots__ = ("at", "is_number", "place", "s")

    def __init__(self, e: Output, s: int, place: int | None = None, *, is_number: bool = False) -> None:
        self.e, self.wide, self.held, self.s, self.place = e, False, None, s, place
        self.is_number = is_number  # and no NaN
        self.at = len(e.code)  # the last word has computed it, if it is not a register of the guest

    def into(self, rd: int) -> None:
        self.e.out(a64.fmov_to_general(rd, self.s))

    @property
    def is_last(self) -> bool:
        """Whether the last word has computed it, which may as well write another register."""
        return self.place is None and self.at == len(self.e.code)


class FloatEmitter(Ops, Output):
    """Emits the floating-point operations of `Ops`."""

    plain_float: bool
    arithmetic: int
    """`float_status.number_of` the instruction."""
    float_reads: list[int]
    """The floating-point registers that the instruction has read so far."""
    float_noted: bool
    """Whether the instruction has been noted as the last one."""
    may_be_wrong_nan: bool
    """Whether the instruction may have met two NaNs."""
    numbers: frozenset[int]
    """Floating-point registers that hold no NaN, by what has been executed since the block's start."""
    float_writes: list[tuple[int, bool]]
    """Floating-point registers written, and whether what they hold is in `numbers`."""
    looked_back: bool
    """Whether the code of the instruction depends on what went before in its block."""

    def float_register(self, register: int) -> Value:
        self.float_reads.append(register)
        return FloatValue(self, register, len(self.float_reads))

    def set_float_register(self, register: int, value: Value) -> None:
        """Write, then leave if it is a NaN that may be wrong: the way out puts an operand back (ADR 14)."""
        if self.registers.borrowed:  # it would clear lane 1
            raise NotInThisBackEndError
        write, is_number = self._write(register, cast(Emitted, value)), self._is_number(value)
        if not self.may_be_wrong_nan:
            self.out(write)
            self.wrote_float(register, is_number)
            return
        put_back: tuple[int, ...] = ()
        before = FloatValue(self, register)  # keeps its temporary until the branch is there
        if register in self.float_reads:
            put_back = (a64.fmov_from_general(register, before.reg()),)
        self.out(write)
        self._leave_if_nan(FloatValue(self, register), put_back)
        self.numbers |= {register, *self.float_reads}  # it would be a NaN if they were

    def wrote_float(self, register: int, is_number: bool) -> None:
        """Keep in mind whether a floating-point register that was written may hold a NaN."""
        self.float_writes.append((register, is_number))
        self.numbers = self.numbers | {register} if is_number else self.numbers - {register}

    def _write(self, register: int, value: Emitted) -> int:
        """The word that puts a value into a floating-point register."""
        if not isinstance(value, FloatValue):
            return a64.fmov_from_general(register, value.reg())
        if value.is_last:
            return self.code.pop() & ~31 | register
        return a64_float.one(a64_float.FMOV, register, value.s)

    def _is_number(self, value: Value) -> bool:
        """Whether it is known that a value is no NaN."""
        if not isinstance(value, FloatValue):
            return isinstance(value, Constant)
        if value.place is not None:
            self.looked_back = True
            return value.s in self.numbers
        return value.is_number

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
        self.out(a64_float.two(op, FLOAT_SCRATCH[0], a, b))
        if a == b:
            is_number = op in (a64_float.FADD, a64_float.FMUL) and self._is_number(x)
            return FloatValue(self, FLOAT_SCRATCH[0], is_number=is_number)
        self.may_be_wrong_nan |= not self._is_number(x) and not self._is_number(y)
        return FloatValue(self, FLOAT_SCRATCH[0])

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
        self.out(a64_float.two(op, FLOAT_SCRATCH[0], *self._begin(x, y)))
        return self.result(a64.fmov_to_general(self.temporary(), FLOAT_SCRATCH[0])).bits(31, 31)

    def float_from_signed(self, x: Value) -> Value:
        return self._converted(a64_float.SCVTF, x, is_number=True)

    def float_from_unsigned(self, x: Value) -> Value:
        return self._converted(a64_float.UCVTF, x, is_number=True)

    def float_to_signed(self, x: Value, rounding: Rounding) -> Value:
        return self._to_integer(a64_float.TO_SIGNED[rounding], x)

    def float_to_unsigned(self, x: Value, rounding: Rounding) -> Value:
        return self._to_integer(a64_float.TO_UNSIGNED[rounding], x)

    def _to_integer(self, op: int, x: Value) -> Value:
        if not self._is_number(x):
            self._leave_if_nan(x)
            self.numbers |= {*self.float_reads}
        return self._converted(op, x)

    def _converted(self, op: int, x: Value, *, is_number: bool = False) -> Value:
        self.out(a64_float.one(op, FLOAT_SCRATCH[0], *self._begin(x)))
        return FloatValue(self, FLOAT_SCRATCH[0], is_number=is_number)

    def _begin(self, *operands: Value) -> list[int]:
        """Bring the operands into S registers, and note those that are registers of the guest."""
        if not self.plain_float:
            raise NotInThisBackEndError
        guests = [operand.s for operand in operands if isinstance(operand, FloatValue) and operand.place]
        scratch = FLOAT_SCRATCH[any(guest % 4 == 0 for guest in guests)]
        sources = [self._source(cast(Emitted, operand), scratch) for operand in operands]
        for operand in operands:
            if isinstance(operand, FloatValue) and operand.place:
                vector, lane = LAST_FLOAT_OPERANDS[operand.place - 1]
                self.out(a64_float.copy_to_lane(vector, lane, operand.s))
        self._note_instruction()
        return sources

    def _source(self, operand: Emitted, scratch: int) -> int:
        """The S register that an operand lies in, or is brought to."""
        if not isinstance(operand, FloatValue):
            self.out(a64.fmov_from_general(scratch, operand.reg()))
            return scratch
        if operand.is_last:
            self.code[-1] = self.code[-1] & ~31 | scratch
            return scratch
        return operand.s

    def _note_instruction(self) -> None:
        if not self.float_noted:
            self.float_noted = True
            number = cast(Emitted, self.constant(self.arithmetic))
            self.out(a64_float.to_lane(LAST_FLOAT, 1, number.reg()))

    def _leave_if_nan(self, value: Value, put_back: tuple[int, ...] = ()) -> None:
        """Have the instruction interpreted if the value is a NaN, behind the words of `put_back`."""
        word = a64.tbnz(cast(Emitted, _above_infinity(value)).reg(), 31)
        self.side_exit(word, Reason.INTERPRET, put_back=put_back)


def _above_infinity(number: Value) -> Value:
    """A word whose bit 31 says whether a number is a NaN."""
    return (number & ~SIGN) + _ABOVE_INFINITY
