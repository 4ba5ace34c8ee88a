"""Operand kinds: how the raw bits of a field become an operand's value, and how that value prints.

A semantic function names the kind of each operand in its annotations; at run time every operand is an int.
"""
# ruff: noqa: D102 - overrides are documented in OperandKind

from dataclasses import dataclass
from typing import Annotated

from emu.isa.state import MASK32, Psr


@dataclass(frozen=True)
class OperandKind:
    """A number: value = raw * scale + bias, where raw is signed if `signed`."""

    scale: int = 1
    bias: int = 0
    signed: bool = False

    def value(self, raw: int, width: int) -> int:
        """Give the operand that `width` raw bits stand for."""
        if self.signed and raw >> (width - 1):
            raw -= 1 << width
        return raw * self.scale + self.bias

    def exists(self, raw: int, width: int) -> bool:
        """Whether the bits are a defined encoding at all."""
        return True

    def is_listed(self, raw: int, width: int) -> bool:
        """Whether objdump takes the bits for the instruction; it differs where nobody makes such code."""
        return self.exists(raw, width)

    def raw(self, value: int, width: int) -> int:
        """Give the bits that stand for `value`; ValueError if there are none."""
        raw, rest = divmod(value - self.bias, self.scale)
        limit = 1 << width
        low, high = (-limit // 2, limit // 2) if self.signed else (0, limit)
        if rest or not low <= raw < high:
            raise ValueError(f"{value} does not fit")
        return raw & (limit - 1)

    def text(self, value: int, pc: int) -> str | int:
        """Give what the syntax line shows; an int leaves the number format to the line."""
        return value


class GeneralRegister(OperandKind):
    """A general register by number."""

    def text(self, value: int, pc: int) -> str | int:
        return f"r{value}"


class BranchOffset(OperandKind):
    """A byte offset from the instruction's own address; prints as the target."""

    def text(self, value: int, pc: int) -> str | int:
        return pc + value & MASK32


class LiteralOffset(OperandKind):
    """A byte offset from the instruction's address rounded down to a word; prints as that address."""

    def text(self, value: int, pc: int) -> str | int:
        return literal_address(pc, value)

    def content_text(self, content: int) -> str | int:
        """Give what the syntax line shows where the word at the address is known."""
        return content


class ExtendedLiteralOffset(LiteralOffset):
    """The far half of lrw16's reach: the bits are inverted and lie above the near half."""

    def value(self, raw: int, width: int) -> int:
        return (~raw & ((1 << width) - 1) | 1 << width) * 4

    def raw(self, value: int, width: int) -> int:
        word, rest = divmod(value, 4)
        if rest or word >> width != 1:
            raise ValueError(f"{value} does not fit")
        return ~word & ((1 << width) - 1)


class LongMask(OperandKind):
    """A number of bits; objdump knows only those above 16, as the assembler has other code for the others."""

    def is_listed(self, raw: int, width: int) -> bool:
        return raw >= 16


class OneHot(OperandKind):
    """A number n of 0 to 3, encoded as 1 << n."""

    def exists(self, raw: int, width: int) -> bool:
        return raw in (1, 2, 4, 8)

    def is_listed(self, raw: int, width: int) -> bool:
        return True

    def value(self, raw: int, width: int) -> int:
        return raw.bit_length() - 1 if self.exists(raw, width) else -1

    def raw(self, value: int, width: int) -> int:
        if not 0 <= value < 4:
            raise ValueError(f"{value} does not fit")
        return 1 << value

    def text(self, value: int, pc: int) -> str | int:
        return "" if value < 0 else value


class BitSpan(OperandKind):
    """The bits msb..lsb of a register, encoded as lsb and msb; the value is msb * 32 + lsb."""

    def exists(self, raw: int, width: int) -> bool:
        return raw >> 5 <= raw & 31

    def is_listed(self, raw: int, width: int) -> bool:
        return True

    def value(self, raw: int, width: int) -> int:
        return (raw & 31) << 5 | raw >> 5

    def raw(self, value: int, width: int) -> int:
        msb, lsb = span(value)
        if not 0 <= lsb <= msb < 32:
            raise ValueError(f"there are no bits {msb}..{lsb}")
        return lsb << 5 | msb

    def text(self, value: int, pc: int) -> str | int:
        return f"{value >> 5}, {value & 31}"


class SizedBitSpan(BitSpan):
    """The bits msb..lsb of a register, encoded as msb - lsb and lsb; the value is msb * 32 + lsb."""

    def exists(self, raw: int, width: int) -> bool:
        return (raw >> 5) + (raw & 31) < 32

    def value(self, raw: int, width: int) -> int:
        return raw + ((raw & 31) << 5)

    def raw(self, value: int, width: int) -> int:
        lsb, msb = divmod(super().raw(value, width), 32)
        return msb - lsb << 5 | lsb


class RegisterRange(OperandKind):
    """Consecutive registers, encoded as the first one and the number of further ones."""

    def exists(self, raw: int, width: int) -> bool:
        return (raw >> 5) + (raw & 31) < 32

    def text(self, value: int, pc: int) -> str | int:
        run = range_registers(value)
        return f"r{run[0]}-r{run[-1]}"


class RegisterList(OperandKind):
    """What push and pop move: r4.. (count), r15, and in the 32-bit form r16.. (count), r28."""

    def text(self, value: int, pc: int) -> str | int:
        low, high = value & 15, value >> 5 & 7
        parts = [_run(4, low), "r15" if value & 16 else "", _run(16, high), "r28" if value & 256 else ""]
        return ", ".join(filter(None, parts))


class PsrBits(OperandKind):
    """The named bits of PSR; the value is their mask."""

    BITS = (("ee", 8, Psr.EE), ("ie", 4, Psr.IE), ("fe", 2, Psr.FE), ("af", 1, Psr.AF), ("sie", 16, 1 << 32))
    """The last one belongs to the TEE extension, which this CPU lacks."""

    def exists(self, raw: int, width: int) -> bool:
        return raw < 16

    def is_listed(self, raw: int, width: int) -> bool:
        return True

    def value(self, raw: int, width: int) -> int:
        return sum(mask for _, bit, mask in self.BITS if raw & bit)

    def raw(self, value: int, width: int) -> int:
        return sum(bit for _, bit, mask in self.BITS if value & mask)

    def text(self, value: int, pc: int) -> str | int:
        return ", ".join(name for name, _, mask in self.BITS if value & mask)


def literal_address(pc: int, offset: int) -> int:
    """Where a pc-relative literal lies."""
    return (pc & ~3) + offset & MASK32


def span(value: int) -> tuple[int, int]:
    """Give msb and lsb of a `Span` operand."""
    return divmod(value, 32)


def range_registers(register_range: int) -> range:
    """Give the registers of a `RegRange` operand."""
    first, more = divmod(register_range, 32)
    return range(first, first + more + 1)


def listed_registers(register_list: int) -> tuple[int, ...]:
    """Give the registers of a `RegList` operand, lowest address first."""
    link, last = (15,) * (register_list >> 4 & 1), (28,) * (register_list >> 8)
    return *range(4, 4 + (register_list & 15)), *link, *range(16, 16 + (register_list >> 5 & 7)), *last


def _run(first: int, count: int) -> str:
    last = first + count - 1
    return "" if count == 0 else f"r{first}" if count == 1 else f"r{first}-r{last}"


Reg = Annotated[int, GeneralRegister()]
Imm = Annotated[int, OperandKind()]
OImm = Annotated[int, OperandKind(bias=1)]  # the manual's "offset immediate": the bits hold value - 1
MaskBits = Annotated[int, LongMask(bias=1)]
Halves = Annotated[int, OperandKind(scale=2)]
Words = Annotated[int, OperandKind(scale=4)]
Branch = Annotated[int, BranchOffset(scale=2, signed=True)]
Literal = Annotated[int, LiteralOffset(scale=4)]
FarLiteral = Annotated[int, ExtendedLiteralOffset()]
Shift = Annotated[int, OneHot()]
Span = Annotated[int, BitSpan()]
SizedSpan = Annotated[int, SizedBitSpan()]
RegRange = Annotated[int, RegisterRange()]
RegList = Annotated[int, RegisterList()]
PsrList = Annotated[int, PsrBits()]
