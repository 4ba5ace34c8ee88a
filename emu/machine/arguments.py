"""What callers give to a machine, checked where it enters; MachineError says what is wrong in one line."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import Any, Final, TypeVar

from emu.machine.errors import MachineError
from peripherals.framework.environment import NS_PER_SECOND

Callback = TypeVar("Callback", bound=Callable[..., Any])
_LONGEST_S: Final = 2**63 / NS_PER_SECOND


def check_count(name: str, value: object, at_least: int = 0) -> int:
    """A whole number that is not below the least."""
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise MachineError(f"{name}: {value!r} is no whole number from {at_least} on")
    return value


def check_seconds(name: str, value: object) -> int:
    """Seconds, as nanoseconds."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < _LONGEST_S:
        raise MachineError(f"{name}: {value!r} is no number of seconds from 0 on")
    return round(value * NS_PER_SECOND)


def check_index(name: str, value: object, count: int) -> int:
    """The number of one of so many things."""
    index = check_count(name, value)
    if index >= count:
        raise MachineError(f"{name}: {index} is none of 0 to {count - 1}")
    return index


def check_address(name: str, value: object) -> int:
    """An address of 32 bits."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 32:
        shown = f"{value:#x}" if isinstance(value, int) else repr(value)
        raise MachineError(f"{name}: {shown} is no 32-bit address")
    return value


def check_callable(name: str, value: Callback) -> Callback:
    """A function, or something else that can be called."""
    if not callable(value):
        raise MachineError(f"{name}: {value!r} is no function")
    return value


def check_kind(name: str, value: object, kind: type | UnionType) -> None:
    """A value of that kind, such as a member of an enumeration."""
    if not isinstance(value, kind):
        raise MachineError(f"{name}: {value!r} is no {getattr(kind, '__name__', kind)}")
