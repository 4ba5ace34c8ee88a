"""The plain instruction trace: a line for each instruction with what it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from emu.isa.decode import size_bytes
from emu.isa.disasm import disassemble
from emu.report.phrases import vector_name
from emu.report.trace_format import TraceSubject

TEXT_WIDTH = 32
SYMBOL_WIDTH = 28


class TextTrace:
    """Observes an interpreting engine and writes text.

    A line holds the virtual time in nanoseconds at which the instruction was done, its address, symbol and
    offset, disassembly, and the registers it changed with their new values.
    """

    name: ClassVar[str] = "text"

    def __init__(self, write: Callable[[str], object], subject: TraceSubject) -> None:
        self._write = write
        self._describe = subject.describe
        self._state = state = subject.state
        self._memory = subject.memory
        self._clock = subject.clock
        self._r = state.r[:]
        self._c = state.c
        self._psr = state.psr
        self._texts: dict[tuple[int, int, int], str] = {}

    def retired(self, pc: int) -> None:
        """Write the line of the instruction at `pc`."""
        self._write(f"{self._place(pc)} {self._text(pc):{TEXT_WIDTH}} {self._changes()}".rstrip() + "\n")

    def skipped(self) -> None:
        """An instruction is not told: what it has changed is not from the next one."""
        self._changes()

    def entered(self, vector: int, pc: int) -> None:
        """Write a line about an exception or interrupt taken before the instruction at `pc`."""
        self._write(f"{self._place(pc)} -- {vector_name(vector)}\n")

    def _place(self, pc: int) -> str:
        return f"{self._clock.now_ns:>14} {pc:08x} {self._describe(pc):{SYMBOL_WIDTH}}"

    def _text(self, pc: int) -> str:
        first = self._memory.read(pc, 2)
        second = self._memory.read(pc + 2, 2) if size_bytes(first) == 4 else 0
        key = (pc, first, second)
        if key not in self._texts:
            self._texts[key] = disassemble(first, second, pc)
        return self._texts[key]

    def _changes(self) -> str:
        """The registers that differ from the last time, with their values."""
        state = self._state
        if state.r == self._r and state.c == self._c and state.psr == self._psr:
            return ""
        changes = [
            f"r{number}={new:08x}"
            for number, (old, new) in enumerate(zip(self._r, state.r, strict=True))
            if new != old
        ]
        if state.c != self._c:
            changes.append(f"c={state.c}")
        if state.psr != self._psr:
            changes.append(f"psr={state.full_psr:08x}")
        self._r, self._c, self._psr = state.r[:], state.c, state.psr
        return " ".join(changes)
