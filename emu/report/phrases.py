"""Phrases that several reports have in common."""

from __future__ import annotations

from emu.isa.ops import Vector
from emu.soc.irq import Irq


def place(pc: int, *names: str) -> str:
    """An instruction, with those of its names that are known."""
    known = ", ".join(name for name in names if name)
    return f"pc {pc:#010x}" + (f" ({known})" if known else "")


def after(time_ns: int) -> str:
    """When something was, in virtual time from power-on."""
    return f"after {time_ns / 1e9:.6f} s"


def vector_name(vector: int) -> str:
    """An exception, or an interrupt with the name of its line."""
    if vector < Vector.INTERRUPT0:
        return f"exception {vector}"
    number = vector - Vector.INTERRUPT0
    return f"interrupt {number} ({Irq(number).name})" if number in set(Irq) else f"interrupt {number}"
