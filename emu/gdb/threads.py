"""The tasks of FreeRTOS as gdb's threads; without any, the CPU is the one thread there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from emu.isa.state import LINK, SP
from emu.machine import Machine, Task
from emu.machine.context import Context

CPU: Final = 1
"""The thread where no task runs."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread for gdb."""

    number: int
    name: str
    about: str


class Threads:
    """Numbers tasks in the order in which they are met; one that comes again has its number again."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._numbers: dict[int, int] = {0: CPU}  # by the address of the control block

    def number_of(self, context: Context) -> int:
        """The thread of what runs."""
        return self._number(context.task)

    def now(self) -> list[Thread]:
        """All threads."""
        tasks = self._machine.tasks()
        threads = [self._thread(task) for task in tasks]
        if tasks.running is None:
            threads.insert(0, Thread(CPU, "CPU", "no task runs"))
        return threads

    def task_of(self, number: int) -> int:
        """The address of a thread's control block; 0 for the CPU, KeyError if there is no such."""
        return {known: address for address, known in self._numbers.items()}[number]

    def registers_of(self, number: int) -> dict[str, int]:
        """What is known of a thread that does not run, by name; KeyError if there is no such thread."""
        saved = self._machine.task_context(self.task_of(number))
        if saved is None:
            return {"pc": 0, f"r{SP}": 0, f"r{LINK}": 0}  # else gdb ends what it does for all threads
        known = {"pc": saved.pc, "psr": saved.psr}
        known |= {f"r{place}": word for place, word in saved.r.items()}
        return known | {f"fr{place}": word for place, word in saved.fr.items()}

    def _thread(self, task: Task) -> Thread:
        about = f"priority {task.priority}, {task.state}"
        return Thread(self._number(task.address), task.name, about)

    def _number(self, control_block: int) -> int:
        return self._numbers.setdefault(control_block, len(self._numbers) + 1)


def threads_xml(threads: list[Thread]) -> str:
    """The document for gdb."""
    rows = (
        f'<thread id="{each.number:x}" name={quoteattr(each.name)}>{each.about}</thread>' for each in threads
    )
    return "\n".join(('<?xml version="1.0"?>', "<threads>", *rows, "</threads>"))
