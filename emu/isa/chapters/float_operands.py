"""Operand kinds of the floating-point instructions; see `operands`."""
# ruff: noqa: D102 - overrides are documented in OperandKind

from struct import unpack
from typing import Annotated

from emu.isa.operands import GeneralRegister, LiteralOffset, OperandKind, literal_address


class FloatRegister(GeneralRegister):
    """A floating-point register by number."""

    def text(self, value: int, pc: int) -> str | int:
        return f"fr{value}"


class FloatLiteralOffset(LiteralOffset):
    """A single-precision number in the code, by its distance in words from the word of the instruction."""

    def text(self, value: int, pc: int) -> str | int:
        return f"{literal_address(pc, value):#x}"

    def content_text(self, content: int) -> str | int:
        return _float_text(content)


class FloatImmediate(OperandKind):
    """A float with eight bits of fraction and the exponent -4 to 11; the value is its bit pattern.

    The field is fraction[7:4], sign, 11 - exponent, fraction[3:0].
    """

    def value(self, raw: int, width: int) -> int:
        sign, exponent = raw >> 8 & 1, 127 + 11 - (raw >> 4 & 15)
        return sign << 31 | exponent << 23 | raw >> 9 << 19 | (raw & 15) << 15

    def raw(self, value: int, width: int) -> int:
        exponent = 127 + 11 - (value >> 23 & 0xFF) & 15
        raw = (value >> 19 & 15) << 9 | value >> 31 << 8 | exponent << 4 | value >> 15 & 15
        if self.value(raw, width) != value:
            raise ValueError(f"{_float_text(value)} does not fit")
        return raw

    def text(self, value: int, pc: int) -> str | int:
        return _float_text(value)


class FloatRegisterRange(OperandKind):
    """Consecutive floating-point registers, encoded as the number of further ones and the first one."""

    def exists(self, raw: int, width: int) -> bool:
        return (raw >> 4) + (raw & 15) < 16

    def is_listed(self, raw: int, width: int) -> bool:
        return True

    def text(self, value: int, pc: int) -> str | int:
        run = float_range_registers(value)
        return f"fr{run[0]}-fr{run[-1]}"


def float_range_registers(register_range: int) -> range:
    """Give the registers of a `FRegRange` operand."""
    more, first = divmod(register_range, 16)
    return range(first, first + more + 1)


def _float_text(bits: int) -> str:
    magnitude = unpack("<f", (bits & 0x7FFF_FFFF).to_bytes(4, "little"))[0]
    return f"{'-' if bits >> 31 else ''}{magnitude:.7g}"


FReg = Annotated[int, FloatRegister()]
FloatLiteral = Annotated[int, FloatLiteralOffset(scale=4)]
FloatImm = Annotated[int, FloatImmediate()]
FRegRange = Annotated[int, FloatRegisterRange()]
