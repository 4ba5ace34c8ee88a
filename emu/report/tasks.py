"""The tasks of an operating system in the firmware, as they are looked at from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from emu.report.calls import Frame
from emu.report.data import Reported

FRAMES_IN_A_ROW = 4


class TaskState(StrEnum):
    """What a task does."""

    RUNNING = "running"
    READY = "ready"
    BLOCKED = "blocked"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Task(Reported):
    """A task and its stack, which grows downwards; None: unknown."""

    name: str
    state: TaskState
    priority: int
    address: int
    """Of its control block."""
    stack: int
    """The lowest address."""
    stack_bytes: int | None = None
    free_bytes: int | None = None
    """Below the stack pointer; negative when it has left the stack."""
    untouched_bytes: int | None = None
    """At the end of the stack, never written so far: what is left of it at worst."""
    frames: tuple[Frame, ...] = ()
    """Where it goes on, and who has called that: innermost first. Empty for the running task."""

    @property
    def used_bytes(self) -> int | None:
        """Of the stack, now."""
        return _difference(self.stack_bytes, self.free_bytes)

    @property
    def most_used_bytes(self) -> int | None:
        """Of the stack, so far: the high-water mark."""
        return _difference(self.stack_bytes, self.untouched_bytes)

    def __str__(self) -> str:
        numbers = (self.stack_bytes, self.used_bytes, self.most_used_bytes, self.untouched_bytes)
        columns = "".join(f"{'?' if number is None else number:>7}" for number in numbers)
        overflow = "  OVERFLOW" if self.free_bytes is not None and self.free_bytes < 0 else ""
        certain = takewhile(lambda frame: frame.is_certain, self.frames[:FRAMES_IN_A_ROW])
        calls = " < ".join(frame.name or f"{frame.address:#010x}" for frame in certain)
        row = f"{self.name:<16} {self.state:<9} {self.priority:>4}  {self.stack:#010x}{columns}{overflow}"
        return f"{row}  {calls}".rstrip()


HEADING = f"{'task':<16} {'state':<9} prio  stack at      size   used   most   left  where"


@dataclass(frozen=True, slots=True)
class TaskList(Reported):
    """All tasks that were found, and what was wrong with the others."""

    tasks: tuple[Task, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def running(self) -> Task | None:
        """The task that runs, or that was interrupted."""
        return next((task for task in self.tasks if task.state is TaskState.RUNNING), None)

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)

    def __str__(self) -> str:
        rows = [f"{'>' if task is self.running else ' '} {task}" for task in self.tasks]
        heading = [f"  {HEADING}"] if rows else []
        return "\n".join([*heading, *rows, *(f"  tasks: {remark}" for remark in self.remarks)])


def _difference(size_bytes: int | None, rest_bytes: int | None) -> int | None:
    return None if size_bytes is None or rest_bytes is None else size_bytes - rest_bytes
