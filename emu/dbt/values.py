"""Values of the emitter: where a result lies on the host, or how it will be computed.

A value that is in a host register is a `HostValue`. Some are lazy, so that they fold into the instruction
that uses them: `Constant`, `Offset` (register + constant), `Shifted`, `Inverted`, `Inserted`, `Condition`.

A temporary register is free again when the last value that lies in it is dropped: `Temporary.__del__`. The
functions of instructions are Python expressions, such as `t[rz] = t[rx] + t[ry].shl(2)`, and only Python
knows when an intermediate value was used for the last time; to be told, each would have to be a tree first.
So which register a value lies in depends on when Python drops it, and what is computed does not: where it
drops late, instructions with many values borrow more registers (borrowing.py).
"""
# ruff: noqa: D102 - documented in Value and Emitted

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import cast

from emu.dbt import a64, a64_float
from emu.dbt.borrowing import Registers
from emu.dbt.conditions import CompareKind, Kind
from emu.dbt.exits import Reason
from emu.dbt.regmap import CONDITION, FLOAT_SCRATCH
from emu.isa.ops import Value
from emu.isa.state import MASK32


class Output(ABC):
    """Where values emit their code, and what makes new values there: the emitter."""

    code: list[int]
    generations: list[int]
    registers: Registers
    instructions: int

    @abstractmethod
    def out(self, word: int) -> None: ...
    @abstractmethod
    def temporary(self) -> int: ...
    @abstractmethod
    def result(self, word: int, wide: bool = False) -> HostValue: ...
    @abstractmethod
    def vector_word(self, number: int) -> HostValue: ...
    @abstractmethod
    def operand(self, value: Value | int, wide: bool) -> Emitted: ...
    @abstractmethod
    def binary(self, op: int, left: Emitted, right: Value | int) -> HostValue: ...
    @abstractmethod
    def logic(self, op: int, left: Emitted, right: Value | int) -> HostValue: ...
    @abstractmethod
    def compare(self, kind: CompareKind, left: Emitted, right: Value | int) -> Condition: ...
    @abstractmethod
    def settled(self, condition: Condition) -> bool: ...
    @abstractmethod
    def side_exit(
        self, word: int, reason: Reason, *, behind: bool = False, put_back: tuple[int, ...] = ()
    ) -> None: ...


class Temporary:
    """A host register while a value lies in it."""

    __slots__ = ("_e", "_instruction", "n")

    def __init__(self, e: Output, n: int) -> None:
        self._e, self.n, self._instruction = e, n, e.instructions

    def __del__(self) -> None:
        if self._instruction == self._e.instructions:
            self._e.registers.free.append(self.n)


class Emitted(Value):
    """Base: everything here works on any value that can be brought into a register."""

    __slots__ = ("e", "held", "wide")
    e: Output
    wide: bool
    held: Temporary | None

    def reg(self) -> int:
        """The host register that holds the value; a lazy value is computed now, once."""
        if self.held is None:
            self.held = Temporary(self.e, self.e.temporary())
            self.into(self.held.n)
        return self.held.n

    def into(self, rd: int) -> None:
        """Put the value into host register `rd`."""
        self.e.out(a64.mov(rd, self.reg(), self.wide))

    # fmt: off
    def __add__(self, other: Value | int) -> Value:
        if isinstance(other, int) and not self.wide:
            return Offset(self, other)
        return self.e.binary(a64.ADD, self, other)

    def __sub__(self, other: Value | int) -> Value:
        if isinstance(other, int) and not self.wide:
            return Offset(self, -other)
        return self.e.binary(a64.SUB, self, other)

    def __mul__(self, other: Value | int) -> Value:
        e = self.e
        rn, rm = self.reg(), e.operand(other, self.wide).reg()
        return e.result(a64.mul(e.temporary(), rn, rm, self.wide), self.wide)

    def __and__(self, other: Value | int) -> Value: return self.e.logic(a64.AND, self, other)
    def __or__(self, other: Value | int) -> Value: return self.e.logic(a64.ORR, self, other)
    def __xor__(self, other: Value | int) -> Value: return self.e.logic(a64.EOR, self, other)
    def __invert__(self) -> Value: return Inverted(self)

    def eq(self, other: Value | int) -> Value: return self.e.compare(CompareKind.EQ, self, other)
    def ne(self, other: Value | int) -> Value: return self.e.compare(CompareKind.NE, self, other)
    def ult(self, other: Value | int) -> Value: return self.e.compare(CompareKind.ULT, self, other)
    def uge(self, other: Value | int) -> Value: return self.e.compare(CompareKind.UGE, self, other)
    def slt(self, other: Value | int) -> Value: return self.e.compare(CompareKind.SLT, self, other)
    def sge(self, other: Value | int) -> Value: return self.e.compare(CompareKind.SGE, self, other)
    # fmt: on

    def shl(self, amount: Value | int) -> Value:
        if isinstance(amount, int):
            return self._shift_by(a64.LSL, amount)
        e = self.e
        rn, rm = self.reg(), e.operand(amount, False).reg()
        shifted = e.result(a64.rrr(a64.LSLV, e.temporary(), rn, rm, True), True)
        return shifted if self.wide else shifted.low()

    def shr(self, amount: Value | int) -> Value:
        if isinstance(amount, int):
            return self._shift_by(a64.LSR, amount)
        e = self.e
        rn, rm = self.reg(), e.operand(amount, False).reg()
        return e.result(a64.rrr(a64.LSRV, e.temporary(), rn, rm, True), self.wide)

    def sar(self, amount: Value | int) -> Value:
        if isinstance(amount, int):
            return self._shift_by(a64.ASR, min(amount, 63 if self.wide else 31))
        e = self.e
        shift = e.operand(amount, False)  # kept: its register must not be taken for the extension
        rm = shift.reg()
        rn = self.reg() if self.wide else cast(Emitted, self.sign_extend_64()).reg()
        shifted = e.result(a64.rrr(a64.ASRV, e.temporary(), rn, rm, True), True)
        return shifted if self.wide else shifted.low()

    def _shift_by(self, shift: int, amount: int) -> Value:
        if amount > (63 if self.wide else 31):
            return Constant(self.e, 0, self.wide)
        return Shifted(self, shift, amount) if amount else self

    def rotl(self, amount: Value | int) -> Value:
        e, rn = self.e, self.reg()
        if isinstance(amount, int):
            return e.result(a64.ror_imm(e.temporary(), rn, -amount & 31))
        e.out(a64.neg(rm := e.temporary(), e.operand(amount, False).reg()))
        return e.result(a64.rrr(a64.RORV, rm, rn, rm))

    def bits(self, msb: int, lsb: int) -> Value:
        return self._unary(lambda rd, rn: a64.ubfm(rd, rn, lsb, msb, self.wide), self.wide)

    def signed_bits(self, msb: int, lsb: int) -> Value:
        return self._unary(lambda rd, rn: a64.sbfm(rd, rn, lsb, msb, self.wide), self.wide)

    def insert(self, msb: int, lsb: int, field: Value) -> Value:
        return Inserted(self, self.e.operand(field, False), lsb, msb - lsb + 1)

    def saturate_signed(self, bits: int) -> Value:
        return self._saturated(bits, a64_float.SQXTN)

    def saturate_unsigned(self, bits: int) -> Value:
        return self._saturated(bits, a64_float.SQXTUN)

    def _saturated(self, bits: int, last: int) -> Value:
        """Narrow by halves in a vector register; the last step decides about the sign."""
        e, rn, scratch = self.e, self.reg(), FLOAT_SCRATCH[0]
        e.out(a64.fmov_from_general(scratch, rn, self.wide))
        size = 64 if self.wide else 32
        while size > bits:
            size //= 2
            op = last if size == bits else a64_float.SQXTN
            e.out(a64_float.narrow(op, scratch, scratch, size))
        return e.result(a64.fmov_to_general(e.temporary(), scratch))

    def count_leading_zeros(self) -> Value:
        return self._unary(lambda rd, rn: a64.clz(rd, rn, self.wide), self.wide)

    def reverse_bits(self) -> Value:
        return self._unary(a64.rbit)

    def reverse_bytes(self) -> Value:
        return self._unary(a64.rev)

    def reverse_bytes_in_halves(self) -> Value:
        return self._unary(a64.rev16)

    def _unary(self, encode: Callable[[int, int], int], wide: bool = False) -> HostValue:
        rn = self.reg()
        return self.e.result(encode(self.e.temporary(), rn), wide)

    def zero_extend_64(self) -> Value:
        extended = HostValue(self.e, self.reg(), True, isinstance(self, HostValue) and self.alias)
        extended.held = self.held
        return extended

    def sign_extend_64(self) -> Value:
        return self._unary(a64.sxtw, True)

    def low(self) -> Value:
        return self._unary(a64.mov)

    def high(self) -> Value:
        return self._unary(lambda rd, rn: a64.lsr_imm(rd, rn, 32, True))


class StaleOperandError(Exception):
    """A value was used after its register got another one: the emitter tries again with copied operands."""


class HostValue(Emitted):
    """A value in host register `n`; `alias` if that is a guest register's home, else `held` is its owner."""

    __slots__ = ("alias", "at", "generation", "n")

    def __init__(self, e: Output, n: int, wide: bool = False, alias: bool = False, at: int = -1) -> None:
        self.e, self.n, self.wide, self.alias, self.held = e, n, wide, alias, None
        self.generation = e.generations[n]
        self.at = at  # length of the code when its last word computed this value into a temporary

    def reg(self) -> int:
        if self.generation != self.e.generations[self.n]:
            raise StaleOperandError
        return self.n

    def into(self, rd: int) -> None:
        e = self.e
        if self.at == len(e.code):  # the last word may as well write `rd`
            e.code[-1] = e.code[-1] & ~31 | rd
            self.n, self.at, self.generation, self.held = rd, -1, e.generations[rd] + 1, None
        elif self.reg() != rd:
            e.out(a64.mov(rd, self.n, self.wide))


class Constant(Emitted):
    """A number known at translation time."""

    __slots__ = ("number",)

    def __init__(self, e: Output, number: int, wide: bool = False) -> None:
        self.e, self.number, self.wide, self.held = e, number, wide, None

    def reg(self) -> int:
        return super().reg() if self.number else a64.ZR

    def into(self, rd: int) -> None:
        low, high = self.number & MASK32, self.number >> 32 & MASK32
        self.e.code.extend(a64.constant(rd, low))
        if self.wide and high:
            self.e.out(a64.movk(rd, high & 0xFFFF, 32, True))
            self.e.out(a64.movk(rd, high >> 16, 48, True))

    def __add__(self, other: Value | int) -> Value:
        if isinstance(other, int) and not self.wide:
            return Constant(self.e, self.number + other & MASK32)
        return super().__add__(other)


class Offset(Emitted):
    """A 32-bit value plus a constant: folds into addresses."""

    __slots__ = ("base", "offset")

    def __init__(self, base: Emitted, offset: int) -> None:
        self.e, self.wide, self.base, self.offset, self.held = base.e, False, base, offset, None

    def __add__(self, other: Value | int) -> Value:
        if isinstance(other, int):
            return Offset(self.base, self.offset + other)
        return super().__add__(other)

    def __sub__(self, other: Value | int) -> Value:
        if isinstance(other, int):
            return Offset(self.base, self.offset - other)
        return super().__sub__(other)

    def reg(self) -> int:
        return super().reg() if self.offset else self.base.reg()

    def into(self, rd: int) -> None:
        e, rn = self.e, self.base.reg()
        if a64.fits_add(self.offset) and rn != a64.ZR:
            e.out(a64.add_imm(rd, rn, self.offset))
        elif a64.fits_add(high := self.offset & ~0xFFF if self.offset >= 0 else -(-self.offset & ~0xFFF)):
            e.out(a64.add_imm(rd, rn, high))
            e.out(a64.add_imm(rd, rd, self.offset - high))
        else:
            e.out(a64.rrr(a64.ADD, rd, rn, Constant(e, self.offset & MASK32).reg()))


class Shifted(Emitted):
    """A value shifted by a constant: folds into the second operand of arithmetic and logic."""

    __slots__ = ("amount", "base", "shift")

    def __init__(self, base: Emitted, shift: int, amount: int) -> None:
        self.e, self.wide, self.held = base.e, base.wide, None
        self.base, self.shift, self.amount = base, shift, amount

    def into(self, rd: int) -> None:
        encode = (a64.lsl_imm, a64.lsr_imm, a64.asr_imm)[self.shift]
        self.e.out(encode(rd, self.base.reg(), self.amount, self.wide))


class Inverted(Emitted):
    """~value: folds into BIC, ORN and EON."""

    __slots__ = ("base",)

    def __init__(self, base: Emitted) -> None:
        self.e, self.wide, self.base, self.held = base.e, base.wide, base, None

    def into(self, rd: int) -> None:
        self.e.out(a64.mvn(rd, self.base.reg(), self.wide))


class Inserted(Emitted):
    """A value with some bits replaced: done in place where it goes back to where it came from."""

    __slots__ = ("base", "field", "lsb", "width")

    def __init__(self, base: Emitted, field: Emitted, lsb: int, width: int) -> None:
        self.e, self.wide, self.held = base.e, False, None
        self.base, self.field, self.lsb, self.width = base, field, lsb, width

    def insert(self, msb: int, lsb: int, field: Value) -> Value:
        """First one, then the other, so that the parts need not all lie in registers at once."""
        done = HostValue(self.e, self.e.temporary())
        done.held = Temporary(self.e, done.n)
        self.into(done.n)
        return done.insert(msb, lsb, field)

    def into(self, rd: int) -> None:
        base, field = self.base.reg(), self.field.reg()
        if rd == field != base:
            super().into(rd)  # by way of a temporary
            return
        if rd != base:
            self.e.out(a64.mov(rd, base))
        self.e.out(a64.bfi(rd, field, self.lsb, self.width))


class Condition(Emitted):
    """A truth value that follows from what register `n` holds; see `conditions.Kind`.

    `source` is what keeps a temporary from being used again.
    """

    __slots__ = ("at", "kind", "n", "source")

    def __init__(self, kind: Kind, source: Emitted | Temporary, e: Output, n: int, at: int = -1) -> None:
        self.e, self.wide, self.held = e, False, None
        self.kind, self.source, self.n = kind, source, n
        self.at = at  # length of the code when its last word computed `n`, a temporary

    def inverted(self) -> Condition:
        """The opposite truth."""
        return Condition(self.kind.inverse, self.source, self.e, self.n, self.at)

    def reg(self) -> int:
        if self.kind is Kind.BOOL:
            return self.n
        return CONDITION if self.e.settled(self) else super().reg()

    def into(self, rd: int) -> None:
        self.e.code.extend(self.kind.to_bool(rd, self.n))

    def eq(self, other: Value | int) -> Value:
        return self.inverted() if other == 0 else self if other == 1 else super().eq(other)

    def ne(self, other: Value | int) -> Value:
        return self if other == 0 else self.inverted() if other == 1 else super().ne(other)

    def __xor__(self, other: Value | int) -> Value:
        return self.inverted() if other == 1 else super().__xor__(other)
