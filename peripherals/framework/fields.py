"""Bit fields, named and typed as a datasheet prints them: high bit first."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from peripherals.framework.errors import DeclarationError

if TYPE_CHECKING:
    from peripherals.framework.register import Register

V = TypeVar("V", bound=int)
E = TypeVar("E", bound=IntEnum)


class Access(Enum):
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
        self, bits: tuple[int, int | None], access: Access, doc: str, *, modelled: bool = True
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
    def __get__(self, register: Register | None, owner: type[Register]) -> Field[V] | V:
        if register is None:
            return self
        value = (register.value & self.mask) >> self.low
        return self.members[value] if self.members else cast(V, value)

    def __set__(self, register: Register, value: V | int) -> None:
        register.value = register.value & ~self.mask | (value << self.low) & self.mask


def rw(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare a field that software reads back as written."""
    return Field((high, low), Access.RW, doc)


def ro(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare a field that only the hardware sets."""
    return Field((high, low), Access.RO, doc)


def wo(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare a field whose write does something and which reads as 0: start bits, keys, FIFO inputs."""
    return Field((high, low), Access.WO, doc)


def w1c(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare flags that the hardware sets and software clears by writing 1."""
    return Field((high, low), Access.W1C, doc)


def rc(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare flags that the hardware sets and any read of the register clears."""
    return Field((high, low), Access.RC, doc)


def reserved(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare bits without a meaning that keep their reset value."""
    return Field((high, low), Access.RESERVED, doc)


def unmodelled(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare bits that exist, are kept, and do nothing here; writing them is logged by name.

    `doc` tells the user what that means; a DeclarationError without it.
    """
    if not doc:
        raise DeclarationError(f"unmodelled bit {high}: say what users have to do without")
    return Field((high, low), Access.RW, doc, modelled=False)


def choice(high: int, low: int, kind: type[E], doc: str = "") -> Field[E]:
    """Declare a read-write field whose every value has a name in `kind`."""
    field: Field[E] = Field((high, low), Access.RW, doc)
    count = (field.mask >> field.low) + 1
    if [member.value for member in kind] != list(range(count)):
        raise DeclarationError(
            f"{kind.__name__} must name all {count} values of bits [{high}:{low}], in order"
        )
    field.members = tuple(kind)
    return field


def fields_of(owner: type[Any]) -> dict[str, Field[Any]]:
    """Collect the fields a register class declares; raises DeclarationError where two overlap."""
    fields = {name: member for name, member in vars(owner).items() if isinstance(member, Field)}
    taken = 0
    for name, field in fields.items():
        if field.mask & taken:
            other = next(other for other in fields.values() if other.mask & field.mask)
            raise DeclarationError(f"{owner.__name__}.{name} overlaps {other.name}")
        taken |= field.mask
    return fields
