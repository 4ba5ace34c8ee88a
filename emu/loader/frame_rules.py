"""Call frame instructions: where each instruction of a function finds the registers of the function's caller.

DWARF 5, 6.4.2. Rules that are DWARF expressions are not known; GCC makes none for C-SKY.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

GENERAL_REGISTERS: Final = 32
"""DWARF's numbers of r0 to r31; those above are of other kinds."""
_LONGEST_NUMBER: Final = 10
_MOST_REMEMBERED: Final = 64
_MOST_INSTRUCTION_BYTES: Final = 1 << 14
"""GCC needs some hundreds for the largest functions, and remembers one state at a time."""
_VERSIONS: Final = (1, 3, 4)
_FIRST_WITH_ADDRESS_SIZE: Final = 4


class Where(Enum):
    """Where the caller's value of a register is."""

    UNKNOWN = auto()
    SAVED = auto()
    """In the word at the address of the frame + number."""
    IS = auto()
    """It is the address of the frame + number."""
    REGISTER = auto()
    """In the register of that number."""


@dataclass(frozen=True, slots=True)
class RegisterRule:
    """How to find a register of the caller."""

    where: Where
    number: int = 0


@dataclass(frozen=True, slots=True)
class FrameRules:
    """What holds before one instruction is executed.

    The address of the frame (CFA), which is the caller's stack pointer, is register `base` + `offset`.
    Registers without a rule still have the caller's value.
    """

    base: int
    offset: int
    registers: Mapping[int, RegisterRule]
    return_register: int


class FrameError(ValueError):
    """The tables are damaged, or more than is understood."""


class _Numbers:
    """Reads numbers one after the other, up to an end."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._end = min(end, len(data))
        self.at = start

    def __bool__(self) -> bool:
        return self.at < self._end

    def fixed(self, size_bytes: int) -> int:
        """An unsigned number of that size."""
        start, self.at = self.at, self.at + size_bytes
        if self.at > self._end:
            raise FrameError("ends too early")
        return int.from_bytes(self._data[start : self.at], "little")

    def unsigned(self) -> int:
        """An unsigned number of any length (ULEB128)."""
        return self._any_length()[0]

    def signed(self) -> int:
        """A signed number of any length (SLEB128)."""
        value, bits = self._any_length()
        return value - (1 << bits) if value >> bits - 1 else value

    def _any_length(self) -> tuple[int, int]:
        value = 0
        for index in range(_LONGEST_NUMBER):
            byte = self.fixed(1)
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                return value, 7 * (index + 1)
        raise FrameError("has a number without end")


@dataclass(frozen=True, slots=True)
class CommonEntry:
    """What several functions share (CIE)."""

    code_factor: int
    data_factor: int
    return_register: int
    instructions: bytes


def read_common_entry(data: bytes, start: int, end: int) -> CommonEntry:
    """Read an entry, from behind its identifier; FrameError for an augmented one, which may mean anything."""
    numbers = _Numbers(data, start, end)
    version, augmentation = numbers.fixed(1), numbers.fixed(1)
    if version not in _VERSIONS or augmentation:
        raise FrameError("is of an unknown kind")
    if version >= _FIRST_WITH_ADDRESS_SIZE and numbers.fixed(2) != 4:  # bytes of an address; of a segment
        raise FrameError("is for another machine")
    code_factor, data_factor = numbers.unsigned(), numbers.signed()
    return_register = numbers.fixed(1) if version == 1 else numbers.unsigned()
    return CommonEntry(code_factor, data_factor, return_register, data[numbers.at : end])


def rules_at(common: CommonEntry, instructions: bytes, start: int, address: int) -> FrameRules | None:
    """The rules before the instruction at `address` of the function at `start`; None if they do not tell."""
    execution = _Execution(common)
    execution.run(common.instructions, start, start)
    execution.initial = dict(execution.registers)
    execution.run(instructions, start, address)
    if execution.base is None or execution.base >= GENERAL_REGISTERS:
        return None
    return FrameRules(execution.base, execution.offset, execution.registers, common.return_register)


class _Execution:
    """The rules as the instructions build them up."""

    def __init__(self, common: CommonEntry) -> None:
        self._common = common
        self._location = 0
        self._remembered: list[tuple[int | None, int, dict[int, RegisterRule]]] = []
        self.base: int | None = None
        self.offset = 0
        self.registers: dict[int, RegisterRule] = {}
        self.initial: dict[int, RegisterRule] = {}

    def run(self, instructions: bytes, location: int, end: int) -> None:
        """Execute what holds at `end`; the first is for `location`."""
        self._location = location
        if len(instructions) > _MOST_INSTRUCTION_BYTES:
            raise FrameError("has too many instructions")
        numbers = _Numbers(instructions, 0, len(instructions))
        while numbers:
            byte = numbers.fixed(1)
            code, operands = (byte & 0xC0, [byte & 0x3F]) if byte & 0xC0 else (byte, [])
            if code not in _INSTRUCTIONS:
                raise FrameError(f"has the unknown instruction {code:#x}")
            effect, forms = _INSTRUCTIONS[code]
            operands += [self._operand(form, numbers) for form in forms]
            effect(self, *operands)
            if self._location > end:
                return

    def _operand(self, form: str, numbers: _Numbers) -> int:
        match form:
            case "u":
                return numbers.unsigned()
            case "d":
                return numbers.unsigned() * self._common.data_factor
            case "D":
                return numbers.signed() * self._common.data_factor
            case "b":
                size_bytes = numbers.unsigned()
                numbers.at += size_bytes
                return size_bytes
        return numbers.fixed(int(form))

    # ---- instructions, in the order of the standard --------------------------------------------------

    def _nothing(self, *_: int) -> None:
        pass

    def _set_location(self, address: int) -> None:
        self._location = address

    def _advance(self, steps: int) -> None:
        self._location += steps * self._common.code_factor

    def _define(self, base: int, offset: int) -> None:
        self.base, self.offset = base, offset

    def _define_base(self, base: int) -> None:
        self.base = base

    def _define_offset(self, offset: int) -> None:
        self.offset = offset

    def _define_by_expression(self, _: int) -> None:
        self.base = None

    def _unknown(self, register: int, _: int = 0) -> None:
        self._set(register, RegisterRule(Where.UNKNOWN))

    def _same(self, register: int) -> None:
        self.registers.pop(register, None)

    def _saved(self, register: int, offset: int) -> None:
        self._set(register, RegisterRule(Where.SAVED, offset))

    def _is(self, register: int, offset: int) -> None:
        self._set(register, RegisterRule(Where.IS, offset))

    def _in_register(self, register: int, other: int) -> None:
        self._set(register, RegisterRule(Where.REGISTER, other))

    def _restore(self, register: int) -> None:
        self.registers.pop(register, None)
        if register in self.initial:
            self.registers[register] = self.initial[register]

    def _remember(self) -> None:
        if len(self._remembered) == _MOST_REMEMBERED:
            raise FrameError("remembers too much")
        self._remembered.append((self.base, self.offset, dict(self.registers)))

    def _restore_state(self) -> None:
        if not self._remembered:
            raise FrameError("restores what it did not remember")
        self.base, self.offset, self.registers = self._remembered.pop()

    def _set(self, register: int, rule: RegisterRule) -> None:
        if register < GENERAL_REGISTERS:
            self.registers[register] = rule


# fmt: off
_INSTRUCTIONS: Final[dict[int, tuple[Callable[..., None], str]]] = {
    0x00: (_Execution._nothing, ""),
    0x01: (_Execution._set_location, "4"),
    0x02: (_Execution._advance, "1"),
    0x03: (_Execution._advance, "2"),
    0x04: (_Execution._advance, "4"),
    0x05: (_Execution._saved, "ud"),
    0x06: (_Execution._restore, "u"),
    0x07: (_Execution._unknown, "u"),
    0x08: (_Execution._same, "u"),
    0x09: (_Execution._in_register, "uu"),
    0x0A: (_Execution._remember, ""),
    0x0B: (_Execution._restore_state, ""),
    0x0C: (_Execution._define, "uu"),
    0x0D: (_Execution._define_base, "u"),
    0x0E: (_Execution._define_offset, "u"),
    0x0F: (_Execution._define_by_expression, "b"),
    0x10: (_Execution._unknown, "ub"),
    0x11: (_Execution._saved, "uD"),
    0x12: (_Execution._define, "uD"),
    0x13: (_Execution._define_offset, "D"),
    0x14: (_Execution._is, "ud"),
    0x15: (_Execution._is, "uD"),
    0x16: (_Execution._unknown, "ub"),
    0x2E: (_Execution._nothing, "u"),   # DW_CFA_GNU_args_size
    0x40: (_Execution._advance, ""),
    0x80: (_Execution._saved, "d"),
    0xC0: (_Execution._restore, ""),
}
"""Effect and operands: fixed size, ULEB128 (d: times the data factor), signed (D), a block. DWARF 5, 7.24."""
# fmt: on
