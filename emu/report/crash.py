"""What went wrong in the firmware: one line for the reader in a hurry, and all there is to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from emu.isa.ops import Vector
from emu.report.calls import Frame, TakenBranch
from emu.report.data import Reported
from emu.report.phrases import after, place
from emu.report.tasks import TaskList
from emu.report.whereabouts import context


class CrashKind(Enum):
    """What has happened; the values are what people read."""

    MISALIGNED = "unaligned access"
    ACCESS_ERROR = "access error"
    DIVIDE_BY_ZERO = "division by zero"
    ILLEGAL_INSTRUCTION = "illegal instruction"
    PRIVILEGE_VIOLATION = "privilege violation"
    BREAKPOINT = "breakpoint instruction"
    UNRECOVERABLE = "unrecoverable error"
    TRAP0 = "trap 0 (failed assertion or stack overflow)"
    """The SDK has one use for it: to give up (libc_port.c, port.c)."""
    SLEEPS_FOREVER = "sleeps forever"
    """Nothing is ahead that could wake the CPU."""
    LOCKED_UP = "locked up"
    """Exception upon exception."""


FATAL: dict[int, CrashKind] = {
    Vector[kind.name]: kind for kind in CrashKind if kind.name in Vector.__members__
}
"""The exceptions that no firmware means to cause, by their vectors."""

REGISTERS_A_LINE = 4
FRAMES_SHOWN = 16


@dataclass(frozen=True, slots=True)
class CrashReport(Reported):
    """Where and in what state the firmware failed."""

    kind: CrashKind
    time_ns: int
    pc: int
    location: str
    """Symbol and offset of pc; empty if unknown."""
    address: int | None = None
    """Of the data access, where there was one."""
    vector: int | None = None
    line: str = ""
    """`file:line` of pc, where there is debug information."""
    caller: str = ""
    """What the link register holds, by name."""
    caller_line: str = ""
    """`file:line` of the call."""
    registers: dict[str, int] = field(default_factory=dict)
    """All of `emu.engine.registers.REGISTERS`."""
    code: tuple[str, ...] = ()
    """Disassembly around pc."""
    back_trace: tuple[Frame, ...] = ()
    """Innermost first."""
    branches: tuple[TakenBranch, ...] = ()
    """Taken last, the latest last; only of a machine with `recent_branches`."""
    handlers: tuple[int, ...] = ()
    """Vectors of the exceptions and interrupts being handled, the innermost last."""
    tasks: TaskList = field(default_factory=TaskList)
    """Of FreeRTOS, where there is one."""

    @property
    def context(self) -> str:
        """Which task was at it, and which handler; empty if unknown."""
        return context(self.handlers, "" if self.tasks.running is None else self.tasks.running.name)

    @property
    def text(self) -> str:
        """One line."""
        address = "" if self.address is None else f", address {self.address:#010x}"
        return f"{self.kind.value} at {place(self.pc, self.location)}{address}, {after(self.time_ns)}"

    @property
    def details(self) -> str:
        """The line, source and caller, registers, the code around pc, the back trace, and all tasks."""
        number = "" if self.vector is None else f"exception {self.vector}"
        called = f"called from {self.caller}" + (f", {self.caller_line}" if self.caller_line else "")
        lines = [
            self.text,
            " ".join(text for text in (number, f"at {self.line}" if self.line else "") if text),
            called if self.caller else "",
            f"in {self.context}" if self.context else "",
            *_register_lines(self.registers),
            *_section("code:", self.code),
        ]
        if len(self.back_trace) > 1:
            lines += _section(*_back_trace(self.back_trace))
        lines += _section(f"last {len(self.branches)} different branches, the latest last:", self.branches)
        heading = "tasks (stacks in bytes; most: used at most so far, left: never used):"
        lines += _section(heading, str(self.tasks).splitlines())
        return "\n".join(line for line in lines if line)

    def __str__(self) -> str:
        return self.text


def _back_trace(frames: tuple[Frame, ...]) -> tuple[str, list[str]]:
    """Heading and lines."""
    shown = frames[:FRAMES_SHOWN]
    mark = "" if all(frame.is_certain for frame in shown) else " (?: may be left over on the stack)"
    more = [f"  and {len(frames) - FRAMES_SHOWN} callers more"] if len(frames) > FRAMES_SHOWN else []
    return f"back trace{mark}:", [*map(str, shown), *more]


def _section(heading: str, items: Sequence[object]) -> list[str]:
    """A heading and what is below it; nothing if that is nothing."""
    return [heading, *map(str, items)] if items else []


def _register_lines(registers: dict[str, int]) -> list[str]:
    """What every crash needs, and of the FPU what is not zero."""
    names = [*(f"r{number}" for number in range(32)), "pc", "psr", "vbr", "epsr", "epc"]
    names += [name for name in registers if name.startswith("f") and registers[name]]
    items = [f"{name:>4} {registers[name]:08x}" for name in names if name in registers]
    return ["  ".join(items[n : n + REGISTERS_A_LINE]) for n in range(0, len(items), REGISTERS_A_LINE)]
