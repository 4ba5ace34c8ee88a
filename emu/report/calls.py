"""Calls and branches that a program has made."""

from __future__ import annotations

from dataclasses import dataclass, field

from emu.report.data import Reported


@dataclass(frozen=True, slots=True)
class Frame(Reported):
    """The instruction at pc, or a call that has not returned yet."""

    address: int
    place: str
    """The address with symbol and line, as far as known."""
    is_certain: bool = True
    """Whether this call has led to the frame before; else it may be left over on the stack."""
    name: str = ""
    """Symbol and offset alone."""
    cfa: int | None = None
    """Where this frame ends, so the caller's stack pointer; None where no debug information tells it."""
    registers: dict[str, int] = field(default_factory=dict)
    """Its general registers, as far as known; none if it was found without debug information."""

    def __str__(self) -> str:
        return f"{' ' if self.is_certain else '?'} {self.place}"


@dataclass(frozen=True, slots=True)
class TakenBranch(Reported):
    """A branch, call, return, or the entry of an exception or interrupt."""

    source: int
    target: int
    is_exception: bool = False
    times: int = 1
    """Among those searched."""
    source_place: str = ""
    """The address with symbol and line, as far as known."""
    target_place: str = ""
    """Symbol and offset, or the address."""

    def __str__(self) -> str:
        arrow = "=> exception" if self.is_exception else "->"
        repeated = f" ({self.times} times)" if self.times > 1 else ""
        return f"  {self.source_place} {arrow} {self.target_place}{repeated}"


@dataclass(frozen=True, slots=True)
class ShortLoop(Reported):
    """The way from an instruction back to itself, without calls."""

    instructions: int
    is_endless: bool
    """Whether no branch leads elsewhere: only an interrupt can do anything."""
    reads: int | None = None
    """The address that it reads each time, if it is one."""
