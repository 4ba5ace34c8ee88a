"""What of a trace is wanted: a part of the time, some of the code, and signals that are not in it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from emu.trace.names import Function
from emu.trace.window import EVERYTHING, Window


class SelectionError(ValueError):
    """This is not to be had."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of a trace. Without functions and addresses all code is wanted, else what one of them has."""

    window: Window = EVERYTHING
    functions: tuple[str, ...] = ()
    """Patterns of names, as in a shell."""
    addresses: tuple[tuple[int, int], ...] = ()
    """From the first to before the second."""
    signals: tuple[str, ...] = ()
    """Pins and variables whose values are wanted: see `signals.watch_signals`."""

    @property
    def has_all_code(self) -> bool:
        """Whether no part of the code is chosen."""
        return not self.functions and not self.addresses

    def has(self, address: int, function: Function) -> bool:
        """Whether an instruction is wanted: for its address, or for the function that it is in."""
        return (
            self.has_all_code
            or any(low <= address < high for low, high in self.addresses)
            or any(fnmatchcase(function.name, pattern) for pattern in self.functions)
        )

    def has_function(self, function: Function) -> bool:
        """Whether a function is wanted: for its name, or for where it begins."""
        return self.has(function.address, function)


ALL: Final = Selection()


def parse_addresses(text: str) -> tuple[int, int]:
    """`LOW-HIGH`, two addresses; the second is behind the last one. ValueError for anything else."""
    try:
        low, high = (int(number, 0) for number in text.split("-"))
    except ValueError:
        low, high = 0, 0
    if not 0 <= low < high <= 1 << 32:
        raise ValueError(f"{text!r} are no addresses such as 0x08010000-0x08010200 (the last is outside)")
    return low, high
