"""Finds the tasks of FreeRTOS in memory, as the debugger macros of the SDK do (w800.gdb).

Names and meaning of the variables: tasks.c and list.h of FreeRTOS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from emu.inspect.back_trace import BackTrace
from emu.inspect.free_rtos_layout import USUAL, Layout, find_layout
from emu.inspect.program_view import ProgramView
from emu.inspect.saved_context import SavedContext, find_saved_context
from emu.isa.state import SP, CpuState
from emu.report.calls import Frame
from emu.report.tasks import Task, TaskList, TaskState

CURRENT_TASK: Final = "pxCurrentTCB"
"""The variable that holds the address of the control block of the running task."""
MOST_TASKS: Final = 256
NAME_BYTES: Final = 32
"""The longest name that the SDK's Kconfig allows."""
FILL: Final = 0xA5
WAITS_FOR_NOTIFICATION: Final = 1
STACK_LIMIT_BYTES: Final = 0x4_8000
"""The whole RAM: no stack is larger."""

HEAP_BLOCK_IN_USE: Final = 1 << 31
"""In the size of a block of the SDK's heap; what precedes the block is aligned to 8 (wm_heap.c)."""


class _DamageError(Exception):
    """Something is not as the kernel leaves it."""


def find_tasks(view: ProgramView, state: CpuState, *, is_interrupted: bool) -> TaskList:
    """All tasks; none if the program has no FreeRTOS, or no names.

    `is_interrupted`: the registers are those of a handler, which may have a stack of its own.
    """
    if not {CURRENT_TASK, "pxReadyTasksLists", "xSchedulerRunning"} <= {
        symbol.name for symbol in view.symbols
    }:
        return TaskList()
    known = find_layout(view)
    found = _FreeRtos(view, state, known or USUAL, is_interrupted=is_interrupted).tasks()
    if known is None and found.remarks:
        return TaskList((), (f"no debug information, and not laid out as usual: {found.remarks[0]}",))
    return found


def running_task_name(view: ProgramView) -> str:
    """The name of the task that runs or was interrupted; empty if there is none, or no readable name."""
    current = running_task(view)
    if not current:
        return ""
    layout = find_layout(view) or USUAL
    try:
        return _name(view, current + layout.task["pcTaskName"])
    except _DamageError:
        return ""


def running_task(view: ProgramView) -> int:
    """The address of the control block of the task that runs or was interrupted; 0 if there is none."""
    if CURRENT_TASK not in view.symbols or "xSchedulerRunning" not in view.symbols:
        return 0
    started, current = (
        view.number(view.symbols[name].address) for name in ("xSchedulerRunning", CURRENT_TASK)
    )
    return current or 0 if started else 0


def task_context(view: ProgramView, control_block: int) -> SavedContext | None:
    """Where a task that does not run goes on; None if its stack does not tell."""
    layout = find_layout(view) or USUAL
    top = view.number(control_block + layout.task["pxTopOfStack"])
    return None if top is None or top & 3 else find_saved_context(view, top)


class _FreeRtos:
    """One look at the kernel's lists."""

    def __init__(self, view: ProgramView, state: CpuState, layout: Layout, *, is_interrupted: bool) -> None:
        self._view = view
        self._state = state
        self._layout = layout
        self._is_interrupted = is_interrupted
        self._remarks: list[str] = []
        self._running = self._variable(CURRENT_TASK) if self._variable("xSchedulerRunning") else 0

    def tasks(self) -> TaskList:
        """All tasks, each once."""
        found: dict[int, Task] = {}
        for name, address, state, priority in self._lists():
            try:
                for control_block in self._walk(address):
                    self._add(found, control_block, state, priority)
            except _DamageError as damage:
                self._remarks.append(f"{name} is damaged: {damage}")
        if self._running and self._running not in found:
            self._add(found, self._running, TaskState.RUNNING, None)
        tasks = tuple(found.values())
        if tasks and not any(task.untouched_bytes for task in tasks):  # this kernel does not fill its stacks
            tasks = tuple(replace(task, untouched_bytes=None) for task in tasks)
        return TaskList(tasks, tuple(self._remarks))

    def _add(self, found: dict[int, Task], address: int, state: TaskState, priority: int | None) -> None:
        try:
            if address in found:
                raise _DamageError("is in two lists")
            found[address] = self._task(address, state, priority)
        except _DamageError as damage:
            self._remarks.append(f"the task at {address:#010x} {damage}")

    def _variable(self, name: str) -> int:
        return self._view.number(self._view.symbols[name].address) or 0

    # ---- lists -------------------------------------------------------------------------------------

    def _lists(self) -> Iterator[tuple[str, int, TaskState, int | None]]:
        """Name, address, the state of the tasks in it, and their priority where the list tells it."""
        symbols, size_bytes = self._view.symbols, self._layout.list.size_bytes
        ready = symbols["pxReadyTasksLists"]
        for priority in reversed(range(ready.size_bytes // size_bytes)):
            address = ready.address + priority * size_bytes
            yield f"the list of ready tasks of priority {priority}", address, TaskState.READY, priority
        for name, state in (
            ("xDelayedTaskList1", TaskState.BLOCKED),
            ("xDelayedTaskList2", TaskState.BLOCKED),
            ("xSuspendedTaskList", TaskState.SUSPENDED),
            ("xTasksWaitingTermination", TaskState.DELETED),
        ):
            if name in symbols:
                yield name, symbols[name].address, state, None

    def _walk(self, address: int) -> Iterator[int]:
        """The control blocks of the tasks in a list."""
        layout, item_of_task = self._layout, self._layout.task["xStateListItem"]
        end = address + layout.list["xListEnd"]
        count = self._word(address + layout.list["uxNumberOfItems"])
        item = self._word(end + layout.item["pxNext"]) if count else end
        if count > MOST_TASKS:
            raise _DamageError(f"it says it had {count} tasks")
        for number in range(count):
            if item == end:
                raise _DamageError(f"it ends after {number} of {count} tasks")
            owner = self._word(item + layout.item["pvOwner"])
            if owner + item_of_task != item or self._word(item + layout.item["pxContainer"]) != address:
                raise _DamageError(f"its item {item:#010x} belongs to no task, or to another list")
            yield owner
            item = self._word(item + layout.item["pxNext"])
        if item != end:
            raise _DamageError(f"it goes on after its {count} tasks")

    # ---- one task ----------------------------------------------------------------------------------

    def _task(self, address: int, state: TaskState, priority: int | None) -> Task:
        member = self._layout.task
        has_priority = self._word(address + member["uxPriority"])
        if priority is not None and has_priority != priority:
            raise _DamageError(f"has priority {has_priority}, but is in the list of {priority}")
        top = self._word(address + member["pxTopOfStack"])
        stack = self._word(address + member["pxStack"])
        if abs(top - stack) >= STACK_LIMIT_BYTES:
            raise _DamageError(f"has a stack at {stack:#010x}, but its top at {top:#010x}")
        self._word(stack)
        end = self._stack_end(address, stack, top)
        is_running = address == self._running
        free_bytes = self._running_free_bytes(stack, end) if is_running else top - stack
        pointer = None if free_bytes is None else stack + free_bytes
        return Task(
            name=_name(self._view, address + member["pcTaskName"]),
            state=TaskState.RUNNING if is_running else self._exact_state(address, state),
            priority=has_priority,
            address=address,
            stack=stack,
            stack_bytes=None if end is None else end - stack,
            free_bytes=free_bytes,
            untouched_bytes=self._untouched_bytes(stack, end if pointer is None else pointer),
            frames=self._frames(None if is_running else top, end) if pointer is not None else (),
        )

    def _exact_state(self, address: int, state: TaskState) -> TaskState:
        """Tasks that wait without a time limit are in the list of suspended ones (eTaskGetState)."""
        member = self._layout.task
        event = address + member["xEventListItem"] + self._layout.item["pxContainer"]
        notified = self._view.number(address + member["ucNotifyState"], 1) if "ucNotifyState" in member else 0
        is_waiting = self._word(event) or notified == WAITS_FOR_NOTIFICATION
        return TaskState.BLOCKED if state is TaskState.SUSPENDED and is_waiting else state

    # ---- its stack ---------------------------------------------------------------------------------

    def _running_free_bytes(self, stack: int, end: int | None) -> int | None:
        """Below the CPU's stack pointer; None if that is for a handler with a stack of its own."""
        pointer = self._state.r[SP]
        outside = not stack <= pointer < (end or stack + STACK_LIMIT_BYTES)
        return None if self._is_interrupted and outside else pointer - stack

    def _frames(self, top: int | None, end: int | None) -> tuple[Frame, ...]:
        """The calls from the context on the top of a stack; None: from that in the CPU."""
        if top is None:
            return BackTrace(self._view).find(self._state.pc, dict(enumerate(self._state.r)), end)
        saved = find_saved_context(self._view, top)
        return () if saved is None else BackTrace(self._view).find(saved.pc, saved.r, end)

    def _stack_end(self, address: int, stack: int, top: int) -> int | None:
        """The kernel forgets the size of a stack, unless told otherwise: that of the memory it was given."""
        ends = []
        if "pxEndOfStack" in self._layout.task:
            ends.append(self._word(address + self._layout.task["pxEndOfStack"]) + 4)
        symbol = self._view.symbol(stack)
        if symbol is not None and symbol.address == stack:
            ends.append(symbol.end)
        block = self._layout.heap_block
        if block is not None and "block_size" in block:
            start = stack - (block.size_bytes + 7 & ~7)
            size_bytes = (self._view.number(start + block["block_size"]) or 0) & ~HEAP_BLOCK_IN_USE
            ends.append(start + size_bytes)
        return next((end for end in ends if top <= end and 0 < end - stack < STACK_LIMIT_BYTES), None)

    def _untouched_bytes(self, stack: int, end: int | None) -> int:
        contents = self._view.read(stack, max((end or stack + STACK_LIMIT_BYTES) - stack, 0))
        return len(contents) - len(contents.lstrip(bytes((FILL,))))

    def _word(self, address: int) -> int:
        word = self._view.number(address) if not address & 3 else None
        if word is None:
            raise _DamageError(f"leads to {address:#010x}, where no memory is")
        return word


def _name(view: ProgramView, address: int) -> str:
    text = view.read(address, NAME_BYTES).partition(b"\0")[0]
    if not text.isascii() or not text.decode("ascii").isprintable():
        raise _DamageError(f"has no readable name: {text.hex(' ')}")
    return text.decode("ascii")
