"""What went wrong in the firmware: one line for the reader in a hurry, and all there is to see."""

from __future__ import annotations

from dataclasses import dataclass, field

from emu.isa.ops import Vector
from emu.isa.state import Control, CpuState
from emu.machine.back_trace import Frame
from emu.machine.recent_branches import TakenBranch
from emu.machine.tasks import TaskList
from emu.machine.whereabouts import context

FATAL: dict[int, str] = {
    Vector.MISALIGNED: "unaligned access",
    Vector.ACCESS_ERROR: "access error",
    Vector.DIVIDE_BY_ZERO: "division by zero",
    Vector.ILLEGAL_INSTRUCTION: "illegal instruction",
    Vector.PRIVILEGE_VIOLATION: "privilege violation",
    Vector.BREAKPOINT: "breakpoint instruction",
    Vector.UNRECOVERABLE: "unrecoverable error",
    Vector.TRAP0: "trap 0 (failed assertion or stack overflow)",
}
"""The exceptions that no firmware means to cause, by their vectors.

The SDK has one use for trap 0: to give up (libc_port.c, port.c).
"""

REGISTERS_A_LINE = 4


@dataclass(frozen=True, slots=True)
class CrashReport:
    """Where and in what state the firmware failed."""

    what: str
    """In words: a value of FATAL, or `sleeps forever`, `locked up`."""
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
        where = f"pc {self.pc:#010x}" + (f" ({self.location})" if self.location else "")
        address = "" if self.address is None else f", address {self.address:#010x}"
        return f"{self.what} at {where}{address}, after {self.time_ns / 1e9:.6f} s"

    @property
    def details(self) -> str:
        """The line, source and caller, every register, the code around pc, the back trace, and all tasks."""
        items = [f"{name:>4} {value:08x}" for name, value in self.registers.items()]
        rows = ["  ".join(items[n : n + REGISTERS_A_LINE]) for n in range(0, len(items), REGISTERS_A_LINE)]
        number = "" if self.vector is None else f"exception {self.vector}"
        heading = " ".join(text for text in (number, f"at {self.line}" if self.line else "") if text)
        called = f"called from {self.caller}" + (f", {self.caller_line}" if self.caller_line else "")
        lines = [self.text, *([heading] if heading else []), *([called] if self.caller else [])]
        lines += [f"in {self.context}"] if self.context else []
        lines += rows
        if self.code:
            lines += ["code:", *self.code]
        if len(self.back_trace) > 1:
            lines += ["back trace (?: may be left over on the stack):", *map(str, self.back_trace)]
        if self.branches:
            lines += [
                f"last {len(self.branches)} different branches, the latest last:",
                *map(str, self.branches),
            ]
        if text := str(self.tasks):
            lines += ["tasks (stacks in bytes; most: used at most so far, left: never used):", text]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text


def registers_of(state: CpuState) -> dict[str, int]:
    """All that a crash report shows, by name."""
    named = {"vbr": Control.VBR, "epsr": Control.EPSR, "epc": Control.EPC}
    return (
        {f"r{number}": value for number, value in enumerate(state.r)}
        | {"pc": state.pc, "psr": state.full_psr}
        | {name: state.control.get(register, 0) for name, register in named.items()}
    )
