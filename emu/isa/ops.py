"""What a semantic function may say: `Ops` (the machine as an instruction sees it) and `Value`.

Two back ends read the same functions: `interpreter.Interpreter` computes on Python ints,
`emu.dbt.emitter.Emitter` emits AArch64. No Python `if` on a `Value`; `for` over register lists is fine.
"""

# ruff: noqa: D102 - operators, shifts and accessors are what their names say

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import IntEnum


class Vector(IntEnum):
    """Exception vector numbers (CK804 manual, exception vector assignment)."""

    RESET = 0
    MISALIGNED = 1
    ACCESS_ERROR = 2
    DIVIDE_BY_ZERO = 3
    ILLEGAL_INSTRUCTION = 4
    PRIVILEGE_VIOLATION = 5
    TRACE = 6
    BREAKPOINT = 7
    UNRECOVERABLE = 8
    IDLY = 9
    TRAP0 = 16
    TRAP1 = 17
    TRAP2 = 18
    TRAP3 = 19
    TSPEND = 22
    FLOATING_POINT = 30
    INTERRUPT0 = 32


class CpuException(Exception):  # noqa: N818 - the ISA manual's term
    """An exception of the guest CPU, raised by the instruction at `pc`."""

    def __init__(self, vector: int, address: int | None = None) -> None:
        super().__init__(vector)
        self.vector = vector
        self.address = address  # the data address that faulted, where there is one


class LowPower(IntEnum):
    """The instructions that stop the clock until an interrupt arrives."""

    WAIT = 0
    DOZE = 1
    STOP = 2


class Rounding(IntEnum):
    """How a float is rounded: the numbers of FCR[25:24]."""

    NEAREST = 0  # to even
    ZERO = 1
    UP = 2
    DOWN = 3


class NotInThisBackEndError(Exception):
    """An operation that a back end has no code for: it has the whole instruction interpreted."""


class Value(ABC):
    """A 32-bit (or, where said, 64-bit) value; arithmetic wraps at its width."""

    __slots__ = ()

    def __bool__(self) -> bool:
        raise TypeError("a Value has no truth at translation time: use Ops.select or Ops.branch_if")

    @abstractmethod
    def __add__(self, other: Value | int) -> Value: ...
    @abstractmethod
    def __sub__(self, other: Value | int) -> Value: ...
    @abstractmethod
    def __mul__(self, other: Value | int) -> Value: ...
    @abstractmethod
    def __and__(self, other: Value | int) -> Value: ...
    @abstractmethod
    def __or__(self, other: Value | int) -> Value: ...
    @abstractmethod
    def __xor__(self, other: Value | int) -> Value: ...
    @abstractmethod
    def __invert__(self) -> Value: ...

    # Shifts take amount[5:0]: 32..63 shift everything out (a 64-bit value: 0..63 are all normal).
    @abstractmethod
    def shl(self, amount: Value | int) -> Value: ...
    @abstractmethod
    def shr(self, amount: Value | int) -> Value: ...
    @abstractmethod
    def sar(self, amount: Value | int) -> Value: ...
    @abstractmethod
    def rotl(self, amount: Value | int) -> Value:
        """Rotate left by amount[4:0]."""

    # Comparisons give 0 or 1.
    @abstractmethod
    def eq(self, other: Value | int) -> Value: ...
    @abstractmethod
    def ne(self, other: Value | int) -> Value: ...
    @abstractmethod
    def ult(self, other: Value | int) -> Value: ...
    @abstractmethod
    def uge(self, other: Value | int) -> Value: ...
    @abstractmethod
    def slt(self, other: Value | int) -> Value: ...
    @abstractmethod
    def sge(self, other: Value | int) -> Value: ...

    # Bit fields; `msb` and `lsb` are Python ints.
    @abstractmethod
    def bits(self, msb: int, lsb: int) -> Value:
        """Bits msb..lsb, zero-extended."""

    @abstractmethod
    def signed_bits(self, msb: int, lsb: int) -> Value:
        """Bits msb..lsb, sign-extended."""

    @abstractmethod
    def insert(self, msb: int, lsb: int, field: Value) -> Value:
        """This value with bits msb..lsb replaced by the low bits of `field`."""

    @abstractmethod
    def count_leading_zeros(self) -> Value: ...
    @abstractmethod
    def reverse_bits(self) -> Value: ...
    @abstractmethod
    def reverse_bytes(self) -> Value: ...
    @abstractmethod
    def reverse_bytes_in_halves(self) -> Value: ...

    # Clamping, read as signed. Only the low `bits` (8, 16 or 32) count of the result, a 32-bit value.
    def saturate_signed(self, bits: int) -> Value:
        """Clamped to -2^(bits-1)..2^(bits-1) - 1."""
        raise NotInThisBackEndError

    def saturate_unsigned(self, bits: int) -> Value:
        """Clamped to 0..2^bits - 1."""
        raise NotInThisBackEndError

    # 64-bit values: everything above works on them too, except the reversals.
    @abstractmethod
    def zero_extend_64(self) -> Value: ...
    @abstractmethod
    def sign_extend_64(self) -> Value: ...
    @abstractmethod
    def low(self) -> Value:
        """Bits 31..0."""

    @abstractmethod
    def high(self) -> Value:
        """Bits 63..32 of a 64-bit value."""


class Ops(ABC):
    """The machine as one instruction sees it. `pc` is its own address, `next_pc` the following one's."""

    pc: int
    next_pc: int

    @abstractmethod
    def __getitem__(self, register: int) -> Value: ...
    @abstractmethod
    def __setitem__(self, register: int, value: Value | int) -> None: ...

    @property
    @abstractmethod
    def c(self) -> Value:
        """The condition bit, 0 or 1."""

    @c.setter
    @abstractmethod
    def c(self, value: Value | int) -> None: ...

    @abstractmethod
    def constant(self, value: int) -> Value: ...
    @abstractmethod
    def select(self, condition: Value, if_one: Value | int, if_zero: Value | int) -> Value:
        """`condition` (0 or 1) ? if_one : if_zero. Both are evaluated."""

    @abstractmethod
    def divide_unsigned(self, dividend: Value, divisor: Value) -> Value:
        """Raises DIVIDE_BY_ZERO at run time."""

    @abstractmethod
    def divide_signed(self, dividend: Value, divisor: Value) -> Value:
        """Rounds towards zero; -2^31 / -1 is -2^31. Raises DIVIDE_BY_ZERO at run time."""

    @abstractmethod
    def load(self, address: Value | int, size_bytes: int, *, signed: bool = False) -> Value: ...
    @abstractmethod
    def store(self, address: Value | int, size_bytes: int, value: Value) -> None: ...
    @abstractmethod
    def load_literal(self, address: int) -> Value:
        """The word at a pc-relative literal; a back end may fold it where the memory is read-only."""

    def load_words(self, address: Value, registers: Sequence[int]) -> None:
        """Load consecutive words into registers."""
        for index, register in enumerate(registers):
            self[register] = self.load(address + 4 * index, 4)

    def store_words(self, address: Value, registers: Sequence[int]) -> None:
        """Store registers to consecutive words."""
        for index, register in enumerate(registers):
            self.store(address + 4 * index, 4, self[register])

    # Flow. Each ends the instruction; the last one to be said wins.
    @abstractmethod
    def branch(self, target: int) -> None: ...
    @abstractmethod
    def branch_if(self, condition: Value, target: int) -> None: ...
    @abstractmethod
    def jump(self, target: Value) -> None:
        """Jump to a computed address; bit 0 is ignored."""

    @abstractmethod
    def exception(self, vector: int) -> None: ...

    # Floating point, on single-precision bit patterns. Arithmetic rounds as FCR says; all but the plain
    # moves note their exceptions in FESR, and raise FLOATING_POINT at run time where FCR enables them.
    @property
    def f(self) -> FloatRegisters:
        """The floating-point registers: `t.f[frz] = t.f[frx]`."""
        return FloatRegisters(self)

    def float_register(self, register: int) -> Value:
        raise NotInThisBackEndError

    def set_float_register(self, register: int, value: Value) -> None:
        raise NotInThisBackEndError

    def float_add(self, x: Value, y: Value) -> Value:
        raise NotInThisBackEndError

    def float_subtract(self, x: Value, y: Value) -> Value:
        raise NotInThisBackEndError

    def float_multiply(self, x: Value, y: Value) -> Value:
        raise NotInThisBackEndError

    def float_divide(self, x: Value, y: Value) -> Value:
        raise NotInThisBackEndError

    def float_square_root(self, x: Value) -> Value:
        raise NotInThisBackEndError

    def float_less(self, x: Value, y: Value) -> Value:
        """0 or 1; 0 if there is a NaN, which is an invalid operation."""
        raise NotInThisBackEndError

    def float_less_or_equal(self, x: Value, y: Value) -> Value:
        """0 or 1; 0 if there is a NaN, which is an invalid operation."""
        raise NotInThisBackEndError

    def float_equal(self, x: Value, y: Value) -> Value:
        """0 or 1; 0 if there is a NaN."""
        raise NotInThisBackEndError

    def float_unordered(self, x: Value, y: Value) -> Value:
        """1 if there is a NaN, else 0."""
        raise NotInThisBackEndError

    def float_from_signed(self, x: Value) -> Value:
        raise NotInThisBackEndError

    def float_from_unsigned(self, x: Value) -> Value:
        raise NotInThisBackEndError

    def float_to_signed(self, x: Value, rounding: Rounding) -> Value:
        """Saturates; 0 of a NaN."""
        raise NotInThisBackEndError

    def float_to_unsigned(self, x: Value, rounding: Rounding) -> Value:
        """Saturates; 0 of a NaN."""
        raise NotInThisBackEndError

    # CPU state. Only instructions declared with `Flow.SYSTEM` may use these.
    @abstractmethod
    def read_control(self, index: int, bank: int) -> Value: ...
    @abstractmethod
    def write_control(self, index: int, bank: int, value: Value) -> None: ...
    @abstractmethod
    def set_psr_bits(self, mask: int) -> None: ...
    @abstractmethod
    def clear_psr_bits(self, mask: int) -> None: ...
    @abstractmethod
    def set_conditions(self, conditions: Value) -> None:
        """Say which of the next instructions are executed: see `CpuState`."""

    @abstractmethod
    def return_from_exception(self) -> None:
        """PSR ← EPSR, PC ← EPC; tells the interrupt controller that the handler has ended."""

    @abstractmethod
    def low_power(self, mode: LowPower) -> None: ...


class FloatRegisters:
    """FR0-FR15 of an `Ops`, by number."""

    __slots__ = ("_ops",)

    def __init__(self, ops: Ops) -> None:
        self._ops = ops

    def __getitem__(self, register: int) -> Value:
        return self._ops.float_register(register)

    def __setitem__(self, register: int, value: Value) -> None:
        self._ops.set_float_register(register, value)
