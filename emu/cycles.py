"""How long instructions take: CPU cycles each, by the memory that they are executed from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, inf

Cycles = int | float | Fraction
CyclesPerInstruction = Cycles | Mapping[str, Cycles]
"""One number for all code, or one by memory: `flash`, and `ram` for everything else."""

MEASURED: dict[str, Cycles] = {"flash": Fraction(4, 3), "ram": Fraction(4, 3)}
"""Fitted to what boards have published: docs/time.md. GUESS: `ram` is as `flash`: nobody has published it."""

_MOST_UNITS = 10_000
"""What a block of instructions costs must stay below the 2**24 that translated code adds at once."""


_FINEST = 1_000_000
"""A float means the simplest fraction near it: 1.1 is 11/10."""
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6}|/[1-9]\d{0,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Costs:
    """Cycles per instruction in whole units: what the engine counts, and how long one is."""

    flash: int
    ram: int
    cycles_per_unit: Fraction


ONE_CYCLE = Costs(1, 1, Fraction(1))


def costs_of(wanted: CyclesPerInstruction) -> Costs:
    """ValueError for what is no number of cycles; a memory that is not named has its measured one."""
    named = wanted if isinstance(wanted, Mapping) else dict.fromkeys(MEASURED, wanted)
    chosen = {**MEASURED, **named}
    for name, cycles in chosen.items():
        if name not in MEASURED:
            raise ValueError(f"{name!r} is none of {', '.join(MEASURED)}")
        if not isinstance(cycles, int | float | Fraction) or not 1 / _FINEST < cycles < inf:
            raise ValueError(f"{cycles!r} is no number of cycles above 0")
    flash, ram = (Fraction(chosen[name]).limit_denominator(_FINEST) for name in ("flash", "ram"))
    common = flash.denominator * ram.denominator
    whole = gcd(int(flash * common), int(ram * common))
    unit = Fraction(whole, common)
    if max(flash, ram) / unit > _MOST_UNITS:
        raise ValueError(f"flash {flash}, ram {ram}: no unit that both are up to {_MOST_UNITS} of")
    return Costs(int(flash / unit), int(ram / unit), unit)


def parse_cycles(text: str) -> CyclesPerInstruction:
    """One number for all code (`2`, `1.5`, `4/3`), or a mapping (`flash=2,ram=1`); ValueError shows them."""
    if _NUMBER.fullmatch(text):
        return _positive(text, text)
    cycles: dict[str, Cycles] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        if name not in MEASURED or name in cycles or not _NUMBER.fullmatch(number):
            raise _refusal(text)
        cycles[name] = _positive(number, text)
    return cycles


def _positive(number: str, text: str) -> Fraction:
    cycles = Fraction(number)
    if not cycles:
        raise _refusal(text)
    return cycles


def _refusal(text: str) -> ValueError:
    return ValueError(f"{text!r} is no cycles per instruction such as 2, 1.5, 4/3 or flash=2,ram=1")
