"""The tasks of FreeRTOS: found through debug information, or by the usual layout; damage is told."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from cpu.program import code, op
from machine.device import machine_of

from emu.inspect.free_rtos import find_tasks
from emu.inspect.program_view import ProgramView
from emu.inspect.saved_context import find_saved_context
from emu.inspect.symbol_choice import NamedProgram
from emu.loader import Symbol, SymbolKind, Symbols
from emu.machine import Machine, TaskList, TaskState
from emu.memory_map import FLASH_BASE, SRAM_BASE

PROGRAM = Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf"
NOWHERE = 0x6000_0000


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Stopped where the running task is about to fail."""
    with Machine.load(PROGRAM, cache=False) as machine:
        machine.run_until_address("fail")
        yield machine


def stacks(tasks: TaskList) -> dict[str, tuple[int | None, int | None, int | None]]:
    return {task.name: (task.stack_bytes, task.used_bytes, task.untouched_bytes) for task in tasks}


def calls(tasks: TaskList, name: str) -> list[str]:
    (task,) = (task for task in tasks if task.name == name)
    return [frame.name.partition("+")[0] for frame in task.frames if frame.is_certain]


def member(machine: Machine, task: str, name: str) -> int:
    """The address of a member of a task's control block."""
    view = machine._views.now()
    structures = view.structures(machine.symbols["vTaskSwitchContext"].address)
    (found,) = (entry for entry in machine.tasks() if entry.name == task)
    return found.address + structures["tskTaskControlBlock"][name]


def write(machine: Machine, address: int, value: int) -> None:
    machine.write(address, value.to_bytes(4, "little"))


def test_every_task_has_its_state(machine: Machine) -> None:
    assert [(task.name, task.state, task.priority) for task in machine.tasks()] == [
        ("worker", TaskState.RUNNING, 3),
        ("idle", TaskState.READY, 0),
        ("reader", TaskState.BLOCKED, 4),
        ("listener", TaskState.BLOCKED, 5),  # without a time limit
        ("notified", TaskState.BLOCKED, 5),
        ("parked", TaskState.SUSPENDED, 2),
        ("gone", TaskState.DELETED, 1),
    ]
    assert machine.tasks().remarks == ()
    assert machine.tasks().running is not None


def test_stacks_have_sizes_where_their_memory_tells(machine: Machine) -> None:
    found = stacks(machine.tasks())
    assert found["idle"] == (512, 100, 412)  # an array; 32 bytes and a short frame
    assert found["reader"] == (512, 196, 316)  # a block of the SDK's heap; the longest frame
    assert found["parked"] == (None, None, 512)  # part of something larger
    size_bytes, used, untouched = found["worker"]
    assert (size_bytes, used) == (512, 8)
    assert untouched is not None
    assert 0 < untouched < 504


def test_tasks_that_do_not_run_tell_where_they_go_on(machine: Machine) -> None:
    tasks = machine.tasks()
    assert calls(tasks, "worker") == ["fail", "worker", "app_main"]
    assert calls(tasks, "reader") == ["wait_for_input", "reader"]
    assert calls(tasks, "idle") == ["vTaskSwitchContext"]
    assert calls(tasks, "parked") == []  # its stack holds no context
    assert "  reader           blocked      4  " in str(tasks)
    assert "  512    196    196    316  wait_for_input < reader+0x" in str(tasks)


def test_a_stack_pointer_that_has_left_its_stack_is_shown(machine: Machine) -> None:
    (idle,) = (task for task in machine.tasks() if task.name == "idle")
    write(machine, idle.address, idle.stack - 8)
    (idle,) = (task for task in machine.tasks() if task.name == "idle")
    assert (idle.used_bytes, idle.untouched_bytes) == (520, 0)
    assert "    520    512      0  OVERFLOW" in str(idle)


def test_a_handler_may_have_a_stack_of_its_own(machine: Machine) -> None:
    view, state = machine._views.now(), machine.board.core.state
    state.r[14] = machine.symbols["idle_stack"].address
    assert stacks(find_tasks(view, state, is_interrupted=True))["worker"][:2] == (512, None)
    used = stacks(find_tasks(view, state, is_interrupted=False))["worker"][1]
    assert used is not None
    assert used > 512


def test_before_the_scheduler_starts_no_task_runs(machine: Machine) -> None:
    write(machine, machine.address_of("xSchedulerRunning"), 0)
    assert machine.tasks().running is None
    assert len(machine.tasks()) == 7


def test_a_running_task_in_no_list_is_found_all_the_same(machine: Machine) -> None:
    write(machine, machine.address_of("pxReadyTasksLists") + 3 * 36 + 4, 0)
    assert machine.tasks().running is not None
    assert len(machine.tasks()) == 7


def test_stacks_that_are_not_filled_have_no_high_water_mark(machine: Machine) -> None:
    for task in machine.tasks():
        machine.write(task.stack, bytes(4))
    assert {task.untouched_bytes for task in machine.tasks()} == {None}


@pytest.mark.parametrize(
    ("task", "name", "value", "remark"),
    [
        ("reader", "pxStack", NOWHERE, "has a stack at 0x60000000, but its top at 0x"),
        ("idle", "uxPriority", 9, "has priority 9, but is in the list of 0"),
        ("reader", "pcTaskName", 0x01020304, "has no readable name: 04 03 02 01"),
    ],
)
def test_a_damaged_task_is_told_and_the_others_are_listed(
    machine: Machine, task: str, name: str, value: int, remark: str
) -> None:
    write(machine, member(machine, task, name), value)
    tasks = machine.tasks()
    assert len(tasks) == 6
    assert len(tasks.remarks) == 1
    assert remark in tasks.remarks[0]
    assert f"\n  tasks: {tasks.remarks[0]}" in str(tasks)


@pytest.mark.parametrize(
    ("offset", "value", "left", "remark"),
    [
        (4, 1000, 4, "xSuspendedTaskList is damaged: it says it had 1000 tasks"),
        (4, 4, 7, "xSuspendedTaskList is damaged: it ends after 3 of 4 tasks"),
        (4, 2, 6, "xSuspendedTaskList is damaged: it goes on after its 2 tasks"),
        (12 + 8, NOWHERE, 4, "leads to 0x60000010, where no memory is"),
        (12 + 8, 0x2000_0001, 4, "leads to 0x20000011, where no memory is"),
        (12 + 8, SRAM_BASE, 4, "belongs to no task, or to another list"),
    ],
)
def test_a_damaged_list_is_told_and_the_others_are_read(
    machine: Machine, offset: int, value: int, left: int, remark: str
) -> None:
    write(machine, machine.address_of("xSuspendedTaskList") + offset, value)
    tasks = machine.tasks()
    assert len(tasks) == left
    assert remark in tasks.remarks[0]


def test_a_list_that_bites_its_tail_ends(machine: Machine) -> None:
    item = member(machine, "listener", "xStateListItem")
    write(machine, item + 8, item)  # pxNext
    assert any("is in two lists" in remark or "goes on" in remark for remark in machine.tasks().remarks)


def test_an_unusual_layout_without_debug_information_is_refused(machine: Machine) -> None:
    view = ProgramView(machine.board.bus, [NamedProgram(0, b"", machine.symbols)])
    tasks = find_tasks(view, machine.board.core.state, is_interrupted=False)
    assert len(tasks) == 0
    assert tasks.remarks[0].startswith("no debug information, and not laid out as usual: ")


def test_a_program_without_the_kernel_has_no_tasks() -> None:
    tasks = machine_of(op("bkpt")).tasks()
    assert (len(tasks), tasks.remarks, str(tasks)) == (0, (), "")


# ---- the usual layout, laid down by hand ----------------------------------------------------------------

CURRENT, RUNNING, READY, DELAYED, BLOCK, STACK = (SRAM_BASE + at for at in (0, 4, 0x100, 0x200, 0x400, 0x800))
STACK_BYTES = 0x200
NAMES = Symbols(
    Symbol(name, address, size, SymbolKind.OBJECT)
    for name, address, size in (
        ("pxCurrentTCB", CURRENT, 4),
        ("xSchedulerRunning", RUNNING, 4),
        ("pxReadyTasksLists", READY, 2 * 20),
        ("xDelayedTaskList1", DELAYED, 20),
        ("stacks", STACK, STACK_BYTES),
    )
)


def usual(machine: Machine, name: bytes = b"main") -> TaskList:
    """What is found of one task of priority 1, and a list of delayed ones that is empty."""
    item, event = BLOCK + 4, bytes(20)
    in_list = struct.pack("<5I", 0, READY + 20 + 8, READY + 20 + 8, BLOCK, READY + 20)
    control_block = struct.pack("<I", STACK + 0x100) + in_list + event + struct.pack("<II", 1, STACK) + name
    machine.write(STACK, b"\xa5" * 0x80)
    machine.write(BLOCK, control_block + bytes(16))
    machine.write(CURRENT, struct.pack("<II", BLOCK, 1))
    machine.write(READY + 20, struct.pack("<5I", 1, item, 0xFFFF_FFFF, item, item))
    view = ProgramView(machine.board.bus, [NamedProgram(0, b"", NAMES)])
    machine.board.core.state.r[14] = STACK + 0xC0
    return find_tasks(view, machine.board.core.state, is_interrupted=False)


def test_the_usual_layout_needs_no_debug_information() -> None:
    (main,) = usual(machine_of(code(op("bkpt"))))
    assert (main.name, main.state, main.priority, main.stack) == ("main", TaskState.RUNNING, 1, STACK)
    assert (main.stack_bytes, main.used_bytes, main.untouched_bytes) == (STACK_BYTES, 0x140, 0x80)


def test_the_usual_layout_is_not_believed_if_anything_is_odd() -> None:
    tasks = usual(machine_of(code(op("bkpt"))), name=b"\xff\xfe")
    assert len(tasks) == 0
    assert tasks.remarks[0].endswith("has no readable name: ff fe")


def test_a_saved_context_makes_sense_or_is_none() -> None:
    machine = machine_of(code(op("movi", rz=1, imm=1), op("bkpt")))
    view = ProgramView(machine.board.bus, [NamedProgram(0, b"", NAMES)])
    frame = struct.pack("<17I", *range(14), FLASH_BASE, 0x8016_0341, FLASH_BASE)
    for below in (0, 64, 128):
        machine.write(STACK, bytes(0x200))
        machine.write(STACK + below, frame)
        saved = find_saved_context(view, STACK)
        assert saved is not None
        assert (saved.pc, saved.r[13], saved.r[14]) == (FLASH_BASE, 13, STACK + below + 68)
    for word, value in ((15, 0x8000_0300), (15, 0x8010_0340), (16, NOWHERE), (16, FLASH_BASE + 1)):
        machine.write(STACK, bytes(0x200))
        machine.write(STACK, frame)
        write(machine, STACK + 4 * word, value)
        assert find_saved_context(view, STACK) is None
