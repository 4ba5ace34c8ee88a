"""Registers: a class is its bit fields, an instance its bits; `at` places one in a block's register map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Generic, TypeVar, overload

from peripherals.framework.errors import DeclarationError

R = TypeVar("R", bound="Register")
V = TypeVar("V", bound=int)


class AccessType(Enum):
    """What an access from the bus does to a field. The model itself may always read and set it."""

    RW = "rw"
    RO = "ro"
    WO = "wo"
    W1C = "w1c"
    RC = "rc"
    RESERVED = "reserved"


class Field(Generic[V]):
    """Some bits of a register; on a register instance it reads and assigns as their value."""

    def __init__(
        self, bits: tuple[int, int | None], access: AccessType, doc: str, *, modelled: bool = True
    ) -> None:
        high, low = bits
        self.high = high
        self.low = high if low is None else low
        self.access = access
        self.doc = doc
        self.modelled = modelled
        self.name = ""
        self.members: tuple[V, ...] | None = None
        if not 31 >= self.high >= self.low >= 0:
            raise DeclarationError(f"bits [{self.high}:{self.low}] are not within [31:0], high bit first")
        self.mask = ((2 << (self.high - self.low)) - 1) << self.low

    def __set_name__(self, owner: type[Register], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, register: None, owner: type[Register]) -> Field[V]: ...
    @overload
    def __get__(self, register: Register, owner: type[Register]) -> V: ...
    def __get__(self, register: Register | None, owner: type[Register]) -> Any:
        if register is None:
            return self
        value = (register.value & self.mask) >> self.low
        return self.members[value] if self.members else value

    def __set__(self, register: Register, value: V | int) -> None:
        register.value = register.value & ~self.mask | (value << self.low) & self.mask


class Register:
    """Base of every 32-bit register; subclasses declare the fields.

    `value` is the raw bits. A bus write obeys the access modes (see `Peripheral.write`); a model sets fields,
    or `value`, as it likes. Registers declared with `class X(Register, always_on=True)` lose their
    value only with the power.
    """

    fields: ClassVar[Mapping[str, Field[Any]]] = {}
    readable: ClassVar[int] = 0xFFFF_FFFF
    written: ClassVar[int] = 0
    cleared_by_one: ClassVar[int] = 0
    cleared_by_read: ClassVar[int] = 0
    unmodelled: ClassVar[int] = 0
    """The bits whose change by a write is reported: fields without effect, and bits in no field."""
    gaps: ClassVar[Mapping[str, int]] = {}
    """The masks of the bits in no field, each run of them named by its bits, such as `bits_31_8`."""
    is_unmodelled: ClassVar[bool] = False
    """Whether all of its fields are without effect."""
    always_on: ClassVar[bool] = False

    def __init_subclass__(cls, *, always_on: bool = False) -> None:
        cls.always_on = always_on
        cls.fields = _fields_of(cls)
        if clash := next(filter(_OWN_NAMES.__contains__, cls.fields), None):
            raise DeclarationError(f"{cls.__name__}.{clash}: the name is taken by Register itself")
        cls.readable = 0xFFFF_FFFF & ~cls._mask(AccessType.WO)
        cls.written = cls._mask(AccessType.RW) | cls._mask(AccessType.WO)
        cls.cleared_by_one = cls._mask(AccessType.W1C)
        cls.cleared_by_read = cls._mask(AccessType.RC)
        undeclared = 0xFFFF_FFFF & ~sum(field.mask for field in cls.fields.values())
        if cls.cleared_by_one and not cls.written:
            undeclared = 0  # drivers clear all flags with ones: there is nothing to clear
        cls.gaps = dict(_runs(undeclared))
        cls.is_unmodelled = bool(cls.fields) and not any(field.modelled for field in cls.fields.values())
        cls.unmodelled = undeclared | sum(field.mask for field in cls.fields.values() if not field.modelled)

    def __init__(self, name: str = "", offset: int = 0, reset_value: int = 0) -> None:
        self.name = name
        self.offset = offset
        self.reset_value = reset_value
        self.value = reset_value

    def describe(self) -> str:
        """Tell the value of every field, by name."""
        return " ".join(f"{name}={_text(getattr(self, name))}" for name in self.fields)

    @classmethod
    def _mask(cls, access: AccessType) -> int:
        return sum(field.mask for field in cls.fields.values() if field.access is access)


def _runs(mask: int) -> Iterator[tuple[str, int]]:
    """Name each run of bits, the lowest first."""
    while mask:
        start = mask & -mask
        run = mask & ~(mask + start)
        low, high = start.bit_length() - 1, run.bit_length() - 1
        yield f"bits_{high}_{low}" if high > low else f"bit_{low}", run
        mask &= ~run


def _fields_of(owner: type[Any]) -> dict[str, Field[Any]]:
    """Collect the fields a register class declares; raises DeclarationError where two overlap."""
    fields = {name: member for name, member in vars(owner).items() if isinstance(member, Field)}
    taken = 0
    for name, field in fields.items():
        if field.mask & taken:
            other = next(other for other in fields.values() if other.mask & field.mask)
            raise DeclarationError(f"{owner.__name__}.{name} overlaps {other.name}")
        taken |= field.mask
    return fields


_OWN_NAMES = frozenset((*dir(Register), *vars(Register())))


def _text(value: int) -> str:
    if isinstance(value, Enum) and value.name:
        return value.name
    return f"{value:#x}" if value > 9 else str(value)


@dataclass(slots=True)
class Slot:
    """A line of a register map: `count` registers of a kind from `offset`, `stride` bytes apart."""

    offset: int
    kind: type[Register]
    doc: str
    reset_value: int
    count: int | None
    stride: int
    name: str = ""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name

    @property
    def offsets(self) -> range:
        """The offset of each register."""
        return range(self.offset, self.offset + (self.count or 1) * self.stride, self.stride)

    def check(self, owner: str) -> None:
        """Raise DeclarationError unless the line makes sense by itself."""
        if self.offset % 4 or self.stride % 4 or self.offset < 0 or self.stride < 4:
            raise DeclarationError(f"{owner}.{self.name}: offset and stride must be multiples of 4")
        declared = sum(field.mask for field in self.kind.fields.values())
        if stray := self.reset_value & ~declared:
            raise DeclarationError(f"{owner}.{self.name}: reset bits {stray:#010x} are outside every field")


@overload
def at(offset: int, kind: type[R], doc: str = "", *, reset: int = 0) -> R: ...
@overload
def at(
    offset: int, kind: type[R], doc: str = "", *, reset: int = 0, count: int, stride: int = 4
) -> Sequence[R]: ...
def at(
    offset: int, kind: type[R], doc: str = "", *, reset: int = 0, count: int | None = None, stride: int = 4
) -> R | Sequence[R]:
    """Place a register, or `count` of them `stride` bytes apart, in the register map of a Peripheral.

    Typed as the register itself, which is what an instance of the block holds under that name.
    """
    return Slot(offset, kind, doc, reset, count, stride)  # type: ignore[return-value]
