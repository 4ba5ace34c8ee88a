"""How a truth value lies in a host register without ever touching NZCV.

TCG stores four flag words at the end of every block that sets them; a subtraction and a test of the
result's sign cost one word less and fuse with the branch that follows (docs/adr/0002).
"""

from __future__ import annotations

from enum import Enum, auto

from emu.dbt import a64


class CompareKind(Enum):
    """The comparisons of `Value`."""

    EQ = auto()
    NE = auto()
    ULT = auto()
    UGE = auto()
    SLT = auto()
    SGE = auto()


class Kind(Enum):
    """What the 64-bit content of the register says. 32-bit values are zero-extended."""

    BOOL = 0
    """It is 0 or 1, and that is the truth value."""
    NONZERO = 1
    """True if not zero (the register holds a 32-bit value)."""
    ZERO = 2
    """True if zero (likewise)."""
    NEGATIVE = 3
    """True if bit 63 is set."""
    POSITIVE = 4
    """True if bit 63 is clear."""

    @property
    def inverse(self) -> Kind:
        """The kind that is true when this one is false."""
        return _INVERSE[self]

    def to_bool(self, rd: int, rn: int) -> tuple[int, ...]:
        """Code that turns this kind in `rn` into 0 or 1 in `rd`."""
        match self:
            case Kind.BOOL:
                return (a64.mov(rd, rn),)
            case Kind.NONZERO:
                return a64.neg(rd, rn, True), a64.lsr_imm(rd, rd, 63, True)
            case Kind.ZERO:
                return a64.clz(rd, rn), a64.lsr_imm(rd, rd, 5)
            case Kind.NEGATIVE:
                return (a64.lsr_imm(rd, rn, 63, True),)
            case Kind.POSITIVE:
                return a64.mvn(rd, rn, True), a64.lsr_imm(rd, rd, 63, True)

    def from_bool(self, register: int) -> tuple[int, ...]:
        """Code that turns 0 or 1 in `register` into this kind, in place."""
        match self:
            case Kind.BOOL | Kind.NONZERO:
                return ()
            case Kind.ZERO:
                return (a64.logic_imm(a64.EOR_IMM, register, register, 1) or 0,)
            case Kind.NEGATIVE:
                return (a64.neg(register, register, True),)
            case Kind.POSITIVE:
                return (a64.add_imm(register, register, -1, True),)

    def mask(self, rd: int, rn: int) -> tuple[int, ...]:
        """Code that makes it all ones in `rd` if true of `rn`, else 0."""
        match self:
            case Kind.BOOL:
                return (a64.neg(rd, rn, True),)
            case Kind.NONZERO:
                return a64.neg(rd, rn, True), a64.asr_imm(rd, rd, 63, True)
            case Kind.ZERO:
                return a64.add_imm(rd, rn, -1, True), a64.asr_imm(rd, rd, 63, True)
            case Kind.NEGATIVE:
                return (a64.asr_imm(rd, rn, 63, True),)
            case Kind.POSITIVE:
                return a64.mvn(rd, rn, True), a64.asr_imm(rd, rd, 63, True)

    def truth(self, content: int) -> int:
        """The truth value, 0 or 1, given the register's content."""
        match self:
            case Kind.BOOL:
                return content & 1
            case Kind.NONZERO:
                return int(content & 0xFFFF_FFFF != 0)
            case Kind.ZERO:
                return int(content & 0xFFFF_FFFF == 0)
            case Kind.NEGATIVE:
                return content >> 63
            case Kind.POSITIVE:
                return content >> 63 ^ 1

    def branch(self, rn: int) -> int:
        """A branch (distance to be filled in) that is taken if true."""
        match self:
            case Kind.BOOL | Kind.NONZERO:
                return a64.cbnz(rn)
            case Kind.ZERO:
                return a64.cbz(rn)
            case Kind.NEGATIVE:
                return a64.tbnz(rn, 63)
            case Kind.POSITIVE:
                return a64.tbz(rn, 63)

    def branch_within_budget(self, rn: int, rt: int, budget: int) -> tuple[int, int]:
        """Two words: a branch taken if true *and* the budget is not negative. Falls through otherwise.

        This is how a loop pays for its budget check without a host block of its own.
        """
        match self:
            case Kind.BOOL | Kind.NONZERO:
                return a64.rrr(a64.BIC, rt, rn, budget, True, a64.shifted(a64.ASR, 63)), a64.cbnz(rt, x=True)
            case Kind.ZERO:
                return a64.rrr(a64.ORR, rt, rn, budget, True, a64.shifted(a64.ASR, 63)), a64.cbz(rt, x=True)
            case Kind.NEGATIVE:
                return a64.rrr(a64.BIC, rt, rn, budget, True), a64.tbnz(rt, 63)
            case Kind.POSITIVE:
                return a64.rrr(a64.ORR, rt, rn, budget, True), a64.tbz(rt, 63)


_INVERSE = {
    Kind.BOOL: Kind.ZERO,
    Kind.NONZERO: Kind.ZERO,
    Kind.ZERO: Kind.NONZERO,
    Kind.NEGATIVE: Kind.POSITIVE,
    Kind.POSITIVE: Kind.NEGATIVE,
}
