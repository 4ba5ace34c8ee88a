"""The floating-point part of the emitter: AArch64's own arithmetic, with FPCR.FZ set.

It agrees with `isa.float_unit` bit for bit as long as FCR asks for nothing special (`Mode.plain_float`), but
for which of two NaNs comes out: an instruction that makes a NaN is left to the interpreter. The exceptions
are read from FPSR, cleared before each instruction that can raise one.
"""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from typing import cast

from emu.dbt import a64, a64_float
from emu.dbt.exits import Reason
from emu.dbt.regmap import ALL_FLAGS, FLOAT_OPERAND, FLOAT_RESULT, LAST_FLAGS
from emu.dbt.values import Emitted, Output, Temporary
from emu.engine.float_interpreter import ANY
from emu.isa.ops import NotInThisBackEndError, Ops, Rounding, Value

_INVALID = 1
# FPSR has a flushed operand in bit 7 and a flushed result in bit 3; FESR knows the former only, in bit 5.
_SAME_FLAGS, _FLUSHED_OPERAND, _DENORMAL = 0x17, 1 << 7, 1 << 5


UNTOUCHED = 1 << 31
"""In LAST_FLAGS: no arithmetic instruction has been executed."""


def updated_status(status: int, last: int, everything: int) -> int:
    """FESR after instructions that left FPSR in LAST_FLAGS and ALL_FLAGS."""
    status &= ~0xFF
    for flags, shift in ((last, 0), (everything, 8)):
        known = flags & _SAME_FLAGS | (_DENORMAL if flags & _FLUSHED_OPERAND else 0)
        status |= (known | ANY if known else 0) << shift
    return status


class FloatValue(Emitted):
    """A value in S register `s`; it moves to a general register where one is needed."""

    __slots__ = ("s",)

    def __init__(self, e: Output, s: int) -> None:
        self.e, self.wide, self.held, self.s = e, False, None, s

    def into(self, rd: int) -> None:
        self.e.out(a64.fmov_to_general(rd, self.s))


class FloatEmitter(Ops, Output):
    """Emits the floating-point operations of `Ops`."""

    plain_float: bool
    float_begun: bool
    """Whether the instruction has cleared FPSR."""

    def float_register(self, register: int) -> Value:
        return FloatValue(self, register)

    def set_float_register(self, register: int, value: Value) -> None:
        if self.registers.borrowed:  # it would clear lane 1
            raise NotInThisBackEndError
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
        return self._converted(a64_float.FSQRT, self._begin(x)[0], may_be_nan=True)

    def _arithmetic(self, op: int, x: Value, y: Value) -> Value:
        self.out(a64_float.two(op, FLOAT_RESULT, *self._begin(x, y)))
        self._leave_if_nan(FLOAT_RESULT)
        self._note_flags()
        return FloatValue(self, FLOAT_RESULT)

    def float_less(self, x: Value, y: Value) -> Value:
        return self._comparison(a64_float.FCMGT, y, x)

    def float_less_or_equal(self, x: Value, y: Value) -> Value:
        return self._comparison(a64_float.FCMGE, y, x)

    def float_equal(self, x: Value, y: Value) -> Value:
        return self._comparison(a64_float.FCMEQ, x, y)

    def float_unordered(self, x: Value, y: Value) -> Value:
        a, b = self._begin(x, y)
        self.out(a64_float.two(a64_float.FCMEQ, FLOAT_RESULT, a, a))
        self.out(a64_float.two(a64_float.FCMEQ, FLOAT_OPERAND, b, b))
        self.out(a64_float.two(a64_float.AND_8B, FLOAT_RESULT, FLOAT_RESULT, FLOAT_OPERAND))
        self._note_flags(_INVALID)
        return self._outcome() ^ 1

    def _comparison(self, op: int, x: Value, y: Value) -> Value:
        self.out(a64_float.two(op, FLOAT_RESULT, *self._begin(x, y)))
        self._note_flags()
        return self._outcome()

    def _outcome(self) -> Value:
        return self.result(a64.fmov_to_general(self.temporary(), FLOAT_RESULT)).bits(31, 31)

    def float_from_signed(self, x: Value) -> Value:
        return self._converted(a64_float.SCVTF, self._begin(x)[0])

    def float_from_unsigned(self, x: Value) -> Value:
        return self._converted(a64_float.UCVTF, self._begin(x)[0])

    def float_to_signed(self, x: Value, rounding: Rounding) -> Value:
        (source,) = self._begin(x)
        self._leave_if_nan(source)
        return self._converted(a64_float.TO_SIGNED[rounding], source)

    def float_to_unsigned(self, x: Value, rounding: Rounding) -> Value:
        (source,) = self._begin(x)
        self._leave_if_nan(source)
        return self._converted(a64_float.TO_UNSIGNED[rounding], source)

    def _converted(self, op: int, source: int, *, may_be_nan: bool = False) -> Value:
        self.out(a64_float.one(op, FLOAT_RESULT, source))
        if may_be_nan:
            self._leave_if_nan(FLOAT_RESULT)
        self._note_flags()
        return FloatValue(self, FLOAT_RESULT)

    def _begin(self, *operands: Value) -> list[int]:
        """Bring the operands into S registers and clear FPSR, unless the instruction has done that."""
        if not self.plain_float:
            raise NotInThisBackEndError
        taken = {operand.s for operand in operands if isinstance(operand, FloatValue)}
        free = [s for s in (FLOAT_RESULT, FLOAT_OPERAND) if s not in taken]
        sources = []
        for operand in operands:
            if isinstance(operand, FloatValue):
                sources.append(operand.s)
            else:
                sources.append(free.pop())
                self.out(a64.fmov_from_general(sources[-1], cast(Emitted, operand).reg()))
        if not self.float_begun:
            self.out(a64_float.CLEAR_STATUS)
            self.float_begun = True
        return sources

    def _leave_if_nan(self, s: int) -> None:
        """Have the instruction interpreted if there is a NaN in `s`."""
        ordered = FLOAT_OPERAND if s == FLOAT_RESULT else FLOAT_RESULT
        self.out(a64_float.two(a64_float.FCMEQ, ordered, s, s))
        test = Temporary(self, self.temporary())
        self.out(a64.fmov_to_general(test.n, ordered))
        self.side_exit(a64.cbz(test.n), Reason.INTERPRET)

    def _note_flags(self, mask: int = 0) -> None:
        flags = Temporary(self, self.temporary())
        self.out(a64_float.read_status(flags.n))
        if mask:
            word = a64.logic_imm(a64.AND_IMM, flags.n, flags.n, mask)
            assert word is not None
            self.out(word)
        self.out(a64.fmov_from_general(LAST_FLAGS, flags.n))
        self.out(a64_float.two(a64_float.ORR_8B, ALL_FLAGS, ALL_FLAGS, LAST_FLAGS))
