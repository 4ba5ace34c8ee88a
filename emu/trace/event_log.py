"""What happens in a traced run besides instructions, and how time passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final

from emu.cpu.core import ExceptionEvent
from emu.inspect.free_rtos import CURRENT_TASK, running_task_name
from emu.machine.machine import Machine
from emu.machine.uart_port import UartPort
from emu.trace.chunks import ChunkKind
from emu.trace.layout import EVENT, TIME, EventKind
from peripherals.flash_operation import FlashOperation, OperationKind, Phase
from peripherals.framework.reset import ResetCause

CAUSES: Final = tuple(ResetCause)
"""An event has the number of the cause."""


class EventLog:
    """Listens to a machine until it is closed."""

    def __init__(self, machine: Machine, entries: Callable[[], int]) -> None:
        """`entries` counts those of the flow until now."""
        self._machine = machine
        self._entries = entries
        self._clock, self._engine = machine.board.clock, machine.board.core.engine
        self._events: list[bytes] = []
        self._times: list[bytes] = []
        self._tasks: dict[int, str] = {}
        self._known: set[int] = set()
        self._ends = ExitStack()
        self._task_word: memoryview | None = None
        self._is_program_new = True
        for number, port in enumerate(machine.uarts):
            self._listen_to(number, port)
        self._watch(machine.board.core.entry_observers, self._entered)
        self._watch(machine.board.flash.observers.internal, self._flash_changes)
        self._watch(machine._power.observers.internal, self._was_reset)
        self._clock.on_rebase = self._time_passes
        self._time_passes()

    def close(self) -> None:
        """Listen no longer."""
        self._ends.close()
        self._clock.on_rebase = None

    def take(self) -> Iterator[tuple[ChunkKind, bytes]]:
        """The records since the last time."""
        events, times, tasks = b"".join(self._events), b"".join(self._times), self._tasks
        self._events, self._times, self._tasks = [], [], {}
        yield ChunkKind.EVENTS, events
        yield ChunkKind.TIME, times
        yield ChunkKind.TASKS, json.dumps(tasks).encode() if tasks else b""

    def _watch(self, observers: list[Callable[[Any], object]], observer: Callable[[Any], object]) -> None:
        observers.append(observer)
        self._ends.callback(observers.remove, observer)

    def _listen_to(self, number: int, port: UartPort) -> None:
        def hear(time_ns: int, byte: int) -> None:
            self._add(EventKind.UART, number, byte, time_ns)

        port.listen(hear, also_muted=True)
        self._ends.callback(port.unlisten, hear, also_muted=True)

    def _add(self, kind: EventKind, first: int, second: int, time_ns: int | None = None) -> None:
        time_ns = self._clock.now_ns if time_ns is None else time_ns
        self._events.append(EVENT.pack(self._entries(), self._engine.elapsed, time_ns, kind, first, second))

    def _time_passes(self) -> None:
        self._times.append(TIME.pack(*self._clock.scale))

    def _entered(self, event: ExceptionEvent) -> None:
        self._add(EventKind.EXCEPTION, event.vector, self._running_task())

    def _was_reset(self, cause: ResetCause) -> None:
        self._is_program_new = True
        self._add(EventKind.RESET, CAUSES.index(cause), 0)

    def _flash_changes(self, operation: FlashOperation) -> None:
        if operation.phase is Phase.BEFORE:
            kind = EventKind.ERASE if operation.kind is OperationKind.ERASE else EventKind.PROGRAM
            self._add(kind, operation.offset, operation.size_bytes)

    def _running_task(self) -> int:
        """The control block of the FreeRTOS task that runs, or was interrupted; 0 if there is none."""
        if self._is_program_new:
            self._is_program_new = False
            self._known = set()
            self._task_word = self._find_task_word()
        if self._task_word is None:
            return 0
        task = int.from_bytes(self._task_word, "little")
        if task and task not in self._known:
            name = running_task_name(self._machine._views.now())
            if name:
                self._known.add(task)
                self._tasks[task] = name
        return task

    def _find_task_word(self) -> memoryview | None:
        symbols = self._machine.symbols
        if CURRENT_TASK not in symbols:
            return None
        address = symbols[CURRENT_TASK].address
        region = self._machine.board.bus.region_at(address)
        if region is None:
            return None
        return memoryview(region.buffer)[address - region.base : address - region.base + 4]
