"""Bit fields, named and typed as a datasheet prints them: high bit first."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from peripherals.framework.errors import DeclarationError
from peripherals.framework.register import AccessType, Field

E = TypeVar("E", bound=IntEnum)


def rw(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare a field that software reads back as written."""
    return Field((high, low), AccessType.RW, doc)


def ro(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare a field that only the hardware sets."""
    return Field((high, low), AccessType.RO, doc)


def wo(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare a field whose write does something and which reads as 0: start bits, keys, FIFO inputs."""
    return Field((high, low), AccessType.WO, doc)


def w1c(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare flags that the hardware sets and software clears by writing 1."""
    return Field((high, low), AccessType.W1C, doc)


def rc(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare flags that the hardware sets and any read of the register clears."""
    return Field((high, low), AccessType.RC, doc)


def reserved(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare bits without a meaning that keep their reset value."""
    return Field((high, low), AccessType.RESERVED, doc)


def unmodelled(high: int, low: int | None = None, doc: str = "") -> Field[int]:
    """Declare bits that exist, are kept, and do nothing here; writing them is logged by name.

    `doc` tells the user what that means; a DeclarationError without it.
    """
    if not doc:
        raise DeclarationError(f"unmodelled bit {high}: say what users have to do without")
    return Field((high, low), AccessType.RW, doc, modelled=False)


def choice(high: int, low: int, kind: type[E], doc: str = "") -> Field[E]:
    """Declare a read-write field whose every value has a name in `kind`."""
    field: Field[E] = Field((high, low), AccessType.RW, doc)
    count = (field.mask >> field.low) + 1
    if [member.value for member in kind] != list(range(count)):
        raise DeclarationError(
            f"{kind.__name__} must name all {count} values of bits [{high}:{low}], in order"
        )
    field.members = tuple(kind)
    return field
