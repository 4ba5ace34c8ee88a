"""Which of the firmware's threads of execution the CPU is in: a task, a handler, a handler in a handler."""

from __future__ import annotations

from typing import NamedTuple

from emu.inspect.free_rtos import running_task
from emu.isa.ops import Vector
from emu.machine.board import Board
from emu.machine.program_views import ProgramViews


class Context(NamedTuple):
    """The handlers that have not returned, the innermost last, and the task's control block, if any."""

    handlers: tuple[int, ...]
    task: int

    def is_interrupt_in(self, other: Context) -> bool:
        """Whether it is the handler of an interrupt of the other, or inside of it."""
        depth = len(other.handlers)
        inner = self.handlers[depth:]
        return self.handlers[:depth] == other.handlers and bool(inner) and _is_interrupt(inner[0])

    def is_left_for(self, other: Context) -> bool:
        """Whether the other is where this one was entered from."""
        return len(other.handlers) < len(self.handlers)


class Here(NamedTuple):
    """Where code goes on when it has been interrupted."""

    pc: int
    stack_pointer: int
    context: Context


class Contexts:
    """Tells the present one."""

    def __init__(self, board: Board, views: ProgramViews) -> None:
        self._board = board
        self._views = views

    def now(self) -> Context:
        """The context of the next instruction."""
        return Context(self._board.core.active_handlers, running_task(self._views.now()))


def _is_interrupt(vector: int) -> bool:
    return vector >= Vector.INTERRUPT0 or vector == Vector.TSPEND
