"""Conditions of breakpoints, which gdb compiles into the bytecode of its agents.

Source: Debugging with GDB, appendix "The GDB Agent Expression Mechanism"; numbers: gdbsupport/ax.def.
Values are 64-bit; what is not here (floats, trace variables, tracing) is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from peripherals.framework.errors import BusError

MOST_STEPS: Final = 10_000
"""A condition that goes on for so long has no end."""
_MASK: Final = (1 << 64) - 1


class ExpressionError(Exception):
    """An expression that cannot be evaluated."""


class Readable(Protocol):
    """What expressions look at."""

    def read_register(self, number: int) -> bytes | None:
        """The bytes of a register, little endian."""
        ...

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Bytes of memory; BusError where there are none."""
        ...


@dataclass(slots=True)
class Evaluation:
    """An expression under way."""

    code: bytes
    target: Readable
    position: int = 0
    stack: list[int] = field(default_factory=list)
    has_ended: bool = False

    def operand(self, size_bytes: int) -> int:
        """The next bytes of the code, big endian."""
        data = self.code[self.position : self.position + size_bytes]
        if len(data) < size_bytes:
            raise ExpressionError("ends too early")
        self.position += size_bytes
        return int.from_bytes(data, "big")

    def pop(self) -> int:
        """The top of the stack."""
        if not self.stack:
            raise ExpressionError("takes more than there is")
        return self.stack.pop()

    def push(self, value: int) -> None:
        """A new top, of 64 bits."""
        self.stack.append(value & _MASK)


Operation = Callable[[Evaluation], None]
OPERATIONS: Final[dict[int, Operation]] = {}


def _operation(number: int) -> Callable[[Operation], Operation]:
    def declare(operation: Operation) -> Operation:
        OPERATIONS[number] = operation
        return operation

    return declare


def _signed(value: int) -> int:
    return value - (value >> 63 << 64)


def _extend(value: int, bits: int) -> int:
    """The lowest bits as a signed number."""
    low = value & (1 << bits) - 1
    return low - (low >> bits - 1 << bits) if bits else 0


def _divide(a: int, b: int) -> int:
    """Towards zero, as in C."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


_BINARY: Final[dict[int, Callable[[int, int], int]]] = {
    0x02: lambda a, b: a + b,
    0x03: lambda a, b: a - b,
    0x04: lambda a, b: a * b,
    0x05: lambda a, b: _divide(_signed(a), _signed(b)),
    0x06: lambda a, b: a // b,
    0x07: lambda a, b: _signed(a) - _divide(_signed(a), _signed(b)) * _signed(b),
    0x08: lambda a, b: a % b,
    0x09: lambda a, b: a << b if b < 64 else 0,
    0x0A: lambda a, b: _signed(a) >> min(b, 63),
    0x0B: lambda a, b: a >> min(b, 64),
    0x0F: lambda a, b: a & b,
    0x10: lambda a, b: a | b,
    0x11: lambda a, b: a ^ b,
    0x13: lambda a, b: a == b,
    0x14: lambda a, b: _signed(a) < _signed(b),
    0x15: lambda a, b: a < b,
}
"""add sub mul div_signed div_unsigned rem_signed rem_unsigned lsh rsh_signed rsh_unsigned, and or xor,
equal less_signed less_unsigned: `a` was pushed first."""
_UNARY: Final[dict[int, Callable[[int], int]]] = {0x0E: lambda a: not a, 0x12: lambda a: ~a}
"""log_not bit_not"""
_LOADS: Final = {0x17: 1, 0x18: 2, 0x19: 4, 0x1A: 8}
"""ref8 to ref64: bytes of memory."""
_CONSTANTS: Final = {0x22: 1, 0x23: 2, 0x24: 4, 0x25: 8}
"""const8 to const64: bytes of the code."""


@_operation(0x16)
def extend_signed(e: Evaluation) -> None:
    """ext n: the lowest n bits with their sign."""
    e.push(_extend(e.pop(), min(e.operand(1), 64)))


@_operation(0x2A)
def extend_zeros(e: Evaluation) -> None:
    """zero_ext n: the lowest n bits."""
    e.push(e.pop() & (1 << min(e.operand(1), 64)) - 1)


@_operation(0x20)
def branch_if(e: Evaluation) -> None:
    """if_goto: on, or elsewhere if the top is not zero."""
    target = e.operand(2)
    if e.pop():
        e.position = target


@_operation(0x21)
def branch(e: Evaluation) -> None:
    """goto: elsewhere."""
    e.position = e.operand(2)


@_operation(0x26)
def read_register(e: Evaluation) -> None:
    """reg: a register by its number."""
    e.push(int.from_bytes(e.target.read_register(e.operand(2)) or b"", "little"))


@_operation(0x27)
def end(e: Evaluation) -> None:
    """end: the top is the value."""
    e.has_ended = True


@_operation(0x28)
def duplicate(e: Evaluation) -> None:
    """dup: the top again."""
    value = e.pop()
    e.stack += (value, value)


@_operation(0x29)
def drop(e: Evaluation) -> None:
    """pop: without the top."""
    e.pop()


@_operation(0x2B)
def swap(e: Evaluation) -> None:
    """swap: the two at the top."""
    top, below = e.pop(), e.pop()
    e.stack += (top, below)


@_operation(0x32)
def pick(e: Evaluation) -> None:
    """pick n: what is n below the top."""
    depth = e.operand(1)
    if depth >= len(e.stack):
        raise ExpressionError("picks from below the stack")
    e.push(e.stack[-1 - depth])


@_operation(0x33)
def rotate(e: Evaluation) -> None:
    """rot: the top below the two others."""
    c, b, a = e.pop(), e.pop(), e.pop()
    e.stack += (c, a, b)


def _step(e: Evaluation) -> None:
    number = e.operand(1)
    if number in OPERATIONS:
        OPERATIONS[number](e)
    elif number in _BINARY:
        b, a = e.pop(), e.pop()
        e.push(_BINARY[number](a, b))
    elif number in _UNARY:
        e.push(_UNARY[number](e.pop()))
    elif number in _LOADS:
        e.push(int.from_bytes(e.target.read_memory(e.pop() & 0xFFFF_FFFF, _LOADS[number]), "little"))
    elif number in _CONSTANTS:
        e.push(e.operand(_CONSTANTS[number]))
    else:
        raise ExpressionError(f"operation {number:#x} is not known")


def evaluate(code: bytes, target: Readable) -> int:
    """The value, of 64 bits; ExpressionError if there is none."""
    evaluation = Evaluation(code, target)
    try:
        for _ in range(MOST_STEPS):
            _step(evaluation)
            if evaluation.has_ended:
                return evaluation.pop()
    except (ZeroDivisionError, BusError, KeyError) as error:
        raise ExpressionError(str(error)) from error
    raise ExpressionError("has no end")


def holds(code: bytes, target: Readable) -> bool:
    """Whether a condition is met; one that cannot be evaluated counts as met, so that the user sees it."""
    try:
        return bool(evaluate(code, target))
    except ExpressionError:
        return True
