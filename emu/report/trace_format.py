"""What every form of a trace is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from emu.engine.memory import Memory
from emu.isa.state import CpuState


class VirtualTime(Protocol):
    """Virtual time."""

    @property
    def now_ns(self) -> int:
        """Nanoseconds since power-on."""
        ...


@dataclass(frozen=True, slots=True)
class TraceSubject:
    """What a trace looks at."""

    state: CpuState
    memory: Memory
    clock: VirtualTime
    describe: Callable[[int], str]
    """Symbol and offset of an address; empty where there is none."""


class TraceFormat(Protocol):
    """Told of what the CPU does, in its order; made with what it writes to."""

    name: ClassVar[str]

    def __init__(self, write: Callable[[str], object], subject: TraceSubject) -> None: ...

    def retired(self, pc: int) -> None:
        """The instruction at `pc` has been executed: the CPU state is the one behind it."""

    def entered(self, vector: int, pc: int) -> None:
        """An exception or interrupt is taken before the instruction at `pc`."""
