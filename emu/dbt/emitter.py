"""`Ops` that emit AArch64: the fast reading of the semantic functions.

One `Emitter` serves one region. The block builder (region.py) asks it for one instruction after the
other; side exits and terminators are left as requests for the builder, which owns labels and stubs.
"""

# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from collections.abc import Callable, Set
from typing import cast

from emu.dbt import a64
from emu.dbt.borrowing import Registers
from emu.dbt.conditions import CompareKind, Kind
from emu.dbt.control_emitter import ControlEmitter
from emu.dbt.exits import Branch, ConditionalBranch, Jump, Reason, SideExit, Terminator
from emu.dbt.float_emitter import FloatEmitter
from emu.dbt.float_status import number_of
from emu.dbt.known_values import is_never_zero
from emu.dbt.mask_emitter import MaskEmitter
from emu.dbt.memory_emitter import MemoryEmitter
from emu.dbt.mode import Mode
from emu.dbt.regmap import (
    CONDITION,
    GENERAL,
    NEXT_PC,
    TEMPORARIES,
    VECTOR,
)
from emu.dbt.values import (
    Condition,
    Constant,
    Emitted,
    HostValue,
    Inverted,
    Offset,
    Shifted,
    StaleOperandError,
    Temporary,
)
from emu.isa.insn import Insn
from emu.isa.ops import NotInThisBackEndError, Value
from emu.isa.state import LINK, MASK32

_INVERSE_LOGIC = {a64.AND: a64.BIC, a64.ORR: a64.ORN, a64.EOR: a64.EON}
_LOGIC_IMM = {a64.AND: a64.AND_IMM, a64.ORR: a64.ORR_IMM, a64.EOR: a64.EOR_IMM}


InterpretError = NotInThisBackEndError
"""The instruction cannot be emitted: the builder has it interpreted."""


class Emitter(ControlEmitter, FloatEmitter, MaskEmitter, MemoryEmitter):
    """Emits one instruction at a time into `code`; `condition_kind` says how C lies in its register."""

    def __init__(
        self, fold: Callable[[int], int | None], mode: Mode, guarded: Set[int] = frozenset()
    ) -> None:
        self.code: list[int] = []
        self.side_exits: list[SideExit] = []
        self.terminator: Terminator | None = None
        self.condition_kind = Kind.BOOL
        self.generations = [0] * 32
        """How often each host register got a new value: a `HostValue` of an older one is stale."""
        self.fold = fold
        self.guarded = guarded
        self.is_watching = mode.is_watching
        self.check_alignment = mode.check_alignment
        self._supervisor = mode.supervisor
        self.plain_float = mode.plain_float
        self.registers = Registers(self.code)
        self.instructions = 0
        """Counts the instructions emitted: a `Temporary` of an earlier one is of no meaning."""
        self.aligned: set[int] = set()
        self.copying = False
        self.wrote_condition = self.read_condition = False
        self.numbers, self.float_writes, self.looked_back = frozenset(), [], False
        self._block_at = 0

    def begin_block(self, kind: Kind) -> None:
        """Begin a block, with C lying as `kind`: nothing is known of what registers hold."""
        self.condition_kind, self.numbers, self._block_at = kind, frozenset(), len(self.code)

    def instruction(self, insn: Insn, operands: tuple[int, ...], pc: int) -> None:
        """Emit one instruction; InterpretError if it has to be interpreted (nothing is emitted then)."""
        if insn.privileged and not self._supervisor:
            raise InterpretError
        self.pc, self.next_pc = pc, pc + insn.size_bytes & MASK32
        self.arithmetic = number_of(insn)
        shadows = self.room_for_shadows()
        start, kind, exits = len(self.code), self.condition_kind, len(self.side_exits)
        numbers = self.numbers
        for self.copying in (False, True):
            self.instructions += 1
            self.registers.begin()
            self.aligned.clear()
            self.float_reads, self.float_noted, self.may_be_wrong_nan = [], False, False
            self.terminator = None
            try:
                insn.execute(self, *operands)
                self._give_back(start, exits)
            except StaleOperandError:
                del self.code[start:], self.side_exits[exits:]
                self.condition_kind, self.numbers, self.registers.shadows = kind, numbers, shadows
                continue
            except InterpretError:
                del self.code[start:], self.side_exits[exits:]
                self.condition_kind = kind
                raise
            return
        raise InterpretError

    def _give_back(self, start: int, exits: int) -> None:
        """Give borrowed registers back; InterpretError if others may have seen that they were."""
        if not self.registers.borrowed:
            return
        leaves = self.terminator is not None or len(self.side_exits) > exits
        if leaves or any(map(a64.accesses_memory, self.code[start:])):
            raise InterpretError
        self.registers.give_back()

    # ---- for the values ------------------------------------------------------------------------

    def out(self, word: int) -> None:
        """Emit a word."""
        self.code.append(word)

    def temporary(self) -> int:
        """A host register that no value lies in; InterpretError if there is none."""
        return self.registers.take()

    def result(self, word: int, wide: bool = False) -> HostValue:
        """Emit the word that computes a value into a temporary (its bits 4..0)."""
        self.code.append(word)
        value = HostValue(self, word & 31, wide, at=len(self.code))
        value.held = Temporary(self, value.n)
        return value

    def operand(self, value: Value | int, wide: bool) -> Emitted:
        """A value or a Python number as an operand."""
        if isinstance(value, int):
            return Constant(self, value & (0xFFFF_FFFF_FFFF_FFFF if wide else MASK32), wide)
        return cast(Emitted, value)

    def binary(self, op: int, left: Emitted, right: Value | int) -> HostValue:
        """ADD or SUB."""
        wide = left.wide
        if isinstance(right, int) and a64.fits_add(right):
            rn = left.reg()
            return self.result(
                a64.add_imm(self.temporary(), rn, right if op == a64.ADD else -right, wide), wide
            )
        return self._three_registers(op, left, right)

    def _three_registers(self, op: int, left: Emitted, right: Value | int) -> HostValue:
        """A register operation, with a second operand that it can shift by itself."""
        wide = left.wide
        if isinstance(right, Shifted) and right.wide == wide:
            rn, rm = left.reg(), right.base.reg()
            shift = a64.shifted(right.shift, right.amount)
            return self.result(a64.rrr(op, self.temporary(), rn, rm, wide, shift), wide)
        rn, rm = left.reg(), self.operand(right, wide).reg()
        return self.result(a64.rrr(op, self.temporary(), rn, rm, wide), wide)

    def logic(self, op: int, left: Emitted, right: Value | int) -> HostValue:
        """AND, ORR or EOR, with an inverted or shifted second operand where there is one."""
        wide = left.wide
        if isinstance(right, int):
            number = right & (0xFFFF_FFFF_FFFF_FFFF if wide else MASK32)
            word = a64.logic_imm(_LOGIC_IMM[op], 0, 0, number, wide)
            if word is not None:
                rn = left.reg()
                return self.result(word | rn << 5 | self.temporary(), wide)
        elif isinstance(right, Inverted):
            op, right = _INVERSE_LOGIC[op], right.base
        return self._three_registers(op, left, right)

    def compare(self, kind: CompareKind, left: Emitted, right: Value | int) -> Condition:
        """Compare by subtraction into a temporary; the condition says how to read it.

        Registers are zero-extended, so that 64 bits hold the difference with its sign:

            r1 != 3       sub w16, w1, #3                         NONZERO
            r1 == r2      eor w16, w1, w2                         ZERO
            r1 >= r2      sub x16, x1, x2                         POSITIVE, unsigned
            r1 < r2       sxtw x16, w1; sub x16, x16, w2, sxtw    NEGATIVE, signed
        """
        if left.wide:
            return self._compare_wide(kind, left, right)
        small = isinstance(right, int) and a64.fits_add(right)
        if kind in (CompareKind.EQ, CompareKind.NE):
            result = Kind.ZERO if kind is CompareKind.EQ else Kind.NONZERO
            if right == 0:
                return Condition(result, left, self, left.reg())
            if isinstance(right, int) and small:
                return self._condition(result, a64.add_imm(self.temporary(), left.reg(), -right))
            difference = self.logic(a64.EOR, left, right)
            return Condition(result, difference, self, difference.reg(), len(self.code))
        result = Kind.NEGATIVE if kind in (CompareKind.ULT, CompareKind.SLT) else Kind.POSITIVE
        if kind in (CompareKind.ULT, CompareKind.UGE):
            if isinstance(right, int) and small:
                return self._condition(result, a64.add_imm(self.temporary(), left.reg(), -right, True))
            rn, rm = left.reg(), self.operand(right, False).reg()
            return self._condition(result, a64.rrr(a64.SUB, self.temporary(), rn, rm, True))
        subtrahend = self.operand(right, False)  # kept: its register must not be taken for the extension
        rm = subtrahend.reg() if not small else a64.ZR
        extend = a64.sxtw(rn := self.temporary(), left.reg())
        if right == 0:
            return self._condition(result, extend)
        self.out(extend)
        if isinstance(right, int) and small:
            return self._condition(result, a64.add_imm(rn, rn, -right, True))
        return self._condition(result, a64.sub_sxtw(rn, rn, rm))

    def _compare_wide(self, kind: CompareKind, left: Emitted, right: Value | int) -> Condition:
        rn, rm = left.reg(), self.operand(right, True).reg()
        rd = self.temporary()
        if kind in (CompareKind.EQ, CompareKind.NE):
            self.out(a64.rrr(a64.EOR, rd, rn, rm, True))
            high = self.result(a64.lsr_imm(self.temporary(), rd, 32, True))
            result = Kind.ZERO if kind is CompareKind.EQ else Kind.NONZERO
            return self._condition(result, a64.rrr(a64.ORR, rd, rd, high.reg()))
        self.code.extend(a64.compare_set(rd, rn, rm, signed=kind in (CompareKind.SLT, CompareKind.SGE)))
        less = kind in (CompareKind.ULT, CompareKind.SLT)
        return Condition(Kind.BOOL if less else Kind.ZERO, Temporary(self, rd), self, rd, len(self.code))

    def _condition(self, kind: Kind, word: int) -> Condition:
        self.code.append(word)
        return Condition(kind, Temporary(self, word & 31), self, word & 31, len(self.code))

    def settled(self, condition: Condition) -> bool:
        """Whether the condition is the C bit, which now is 0 or 1 in its register."""
        if condition.n != CONDITION or condition.kind is not self.condition_kind:
            return False
        self.settle_condition()
        return True

    def _truth(self, value: Value) -> Condition:
        """A value that is 0 or 1 as a condition."""
        if isinstance(value, Condition):
            return value
        source = cast(Emitted, value)
        return Condition(Kind.BOOL, source, self, source.reg())

    def settle_condition(self) -> None:
        """Make the C register hold 0 or 1."""
        if self.condition_kind is not Kind.BOOL:
            self.code.extend(self.condition_kind.to_bool(CONDITION, CONDITION))
            self.condition_kind = Kind.BOOL

    # ---- Ops -----------------------------------------------------------------------------------

    def __getitem__(self, register: int) -> Value:
        home = GENERAL.get(register)
        if self.registers.shadows:
            home = self.registers.shadows.get(register, home)
        if home is None:
            return self.vector_word(VECTOR[register])
        if home in self.registers.borrowed:
            return self.result(a64.from_lane(self.temporary(), home))
        self.registers.touched.add(home)
        if self.copying:
            return self.result(a64.mov(self.temporary(), home))
        return HostValue(self, home, alias=True)

    def __setitem__(self, register: int, value: Value | int) -> None:
        source = self.operand(value, False)
        if self.registers.shadows is not None:
            self.shadow(register, source, self.registers.shadows)
            return
        home = GENERAL.get(register)
        if home is None:
            self.out(a64.fmov_from_general(VECTOR[register], source.reg()))
        elif home in self.registers.borrowed:
            self.out(a64.to_lane(home, source.reg()))
        else:
            self.registers.touched.add(home)
            source.into(home)
            self.generations[home] += 1

    @property
    def c(self) -> Value:
        self.read_condition = True
        return Condition(self.condition_kind, Constant(self, 0), self, CONDITION)

    @c.setter
    def c(self, value: Value | int) -> None:
        self.wrote_condition = True
        if isinstance(value, Condition) and value.n in TEMPORARIES:
            if value.at == len(self.code):
                self.code[-1] = self.code[-1] & ~31 | CONDITION
            else:
                self.out(a64.mov(CONDITION, value.n, True))
            self.condition_kind = value.kind
        elif isinstance(value, Condition) and value.kind in (Kind.NONZERO, Kind.ZERO):
            self.out(a64.mov(CONDITION, value.n))
            self.condition_kind = value.kind
        else:
            self.operand(value, False).into(CONDITION)
            self.condition_kind = Kind.BOOL

    def constant(self, value: int) -> Value:
        return Constant(self, value & MASK32)

    def select(self, condition: Value, if_one: Value | int, if_zero: Value | int) -> Value:
        """See `Ops.select`: a mask of zeros or ones picks the bits, for CSEL would want flags.

        `max.s32 r1, r2, r3` where x16 has been compared, NEGATIVE if r2 < r3:

            asr x17, x16, #63     all ones, or 0
            eor w24, w3, w2       what r2 differs in,
            and w24, w24, w17     if it is to change,
            eor w1, w2, w24       changed
        """
        one, zero = self.operand(if_one, False), self.operand(if_zero, False)
        test = self._truth(condition)
        if test.kind in (Kind.ZERO, Kind.POSITIVE):
            test, one, zero = test.inverted(), zero, one
        increment = _increment(one, zero)
        if increment is not None and test.kind is Kind.BOOL and increment in (1, -1):
            op = a64.ADD if increment == 1 else a64.SUB
            return self.result(a64.rrr(op, self.temporary(), zero.reg(), test.n))
        a, b = one.reg(), zero.reg()
        mask = Temporary(self, self.temporary())
        self.code.extend(test.kind.mask(mask.n, test.n))
        if b == a64.ZR:
            return self.result(a64.rrr(a64.AND, self.temporary(), a, mask.n))
        if a == a64.ZR:
            return self.result(a64.rrr(a64.BIC, self.temporary(), b, mask.n))
        difference = self.result(a64.rrr(a64.EOR, self.temporary(), a, b))
        self.out(a64.rrr(a64.AND, difference.n, difference.n, mask.n))
        return self.result(a64.rrr(a64.EOR, self.temporary(), b, difference.n))

    def divide_unsigned(self, dividend: Value, divisor: Value) -> Value:
        return self._divide(a64.UDIV, dividend, divisor)

    def divide_signed(self, dividend: Value, divisor: Value) -> Value:
        return self._divide(a64.SDIV, dividend, divisor)

    def _divide(self, op: int, dividend: Value, divisor: Value) -> HostValue:
        rn, rm = cast(Emitted, dividend).reg(), cast(Emitted, divisor).reg()
        wide = cast(Emitted, dividend).wide
        self.looked_back = True
        if wide or not is_never_zero(self.code[self._block_at :], rm):
            self.side_exit(a64.cbz(rm, x=cast(Emitted, divisor).wide), Reason.INTERPRET)
        return self.result(a64.rrr(op, self.temporary(), rn, rm, wide), wide)

    def branch(self, target: int) -> None:
        self.terminator = Branch(target & MASK32)

    def branch_if(self, condition: Value, target: int) -> None:
        test = self._truth(condition)
        self.terminator = ConditionalBranch(target & MASK32, test.kind, test.n)

    def jump(self, target: Value) -> None:
        cast(Emitted, target).into(NEXT_PC)
        self.terminator = Jump(isinstance(target, HostValue) and target.n == GENERAL[LINK])

    def side_exit(
        self, word: int, reason: Reason, *, behind: bool = False, put_back: tuple[int, ...] = ()
    ) -> None:
        """Emit a conditional branch out of the block, by way of the words of `put_back`."""
        side_exit = SideExit(len(self.code), word, reason, behind, self.condition_kind, put_back)
        self.side_exits.append(side_exit)
        self.out(word)


def _increment(one: Emitted, zero: Emitted) -> int | None:
    """n if `one` is `zero` + n, for conditional increments and decrements."""
    if isinstance(one, Offset) and isinstance(zero, HostValue) and isinstance(one.base, HostValue):
        return one.offset if one.base.n == zero.n else None
    return None
