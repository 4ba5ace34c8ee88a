"""Everything of a chip that can change is in its snapshot, or is named here with the reason why not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import FrozenInstanceError
from enum import Enum
from functools import partial
from itertools import chain
from typing import Any

import pytest
from cpu.program import code, op
from machine.device import machine_of

from emu.clock import ClockAlarm, VirtualClock
from emu.engine.interpreter_engine import InterpreterEngine
from emu.machine import Machine
from emu.machine.board import Board
from emu.soc.w800 import W800
from peripherals.framework.countdown import Countdown
from peripherals.framework.fields import rw
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at
from peripherals.nor_flash import NorFlash

FIXED = "is fixed when the chip is built"
OUTSIDE = "belongs to those who watch, or are connected"
NOT_SAVED = {
    "Board.bus Core._bus DmaPort._bus InterpreterEngine._bus Stepper._memory": "holds memories and blocks, which are walked from the board and the chip",
    "Board.identity": FIXED,
    "Board.world": "is nothing in a shielded box; networks are walked in test_network.py",
    "Power._board CrashWatch._board ResetWatch._board CrashWatch._core CrashWatch._clock CrashWatch._watchdog Grace._board": "lead to the chip, which is walked",
    "CrashWatch._views Grace._views": "find names for what the chip holds",
    "Power.observers CrashWatch.observers UartPort.listeners UartPort._prompt_listeners": OUTSIDE,
    "Attachments._parts Attachments._known Attachments._wires Attachments._clock Attachments.states PartStates._parts PartWires._connected PartWires._listeners": "lead to the parts, which have snapshots of their own (tests/parts)",
    "PartWires._pins PartWires._soc PartWires._clock PartWires.uart_ports I2cBus._members": "lead to what is walked elsewhere",
    "Pins._pins Pins.ports Pins.functions UartPort.attach": FIXED,
    "Attachments._attached Pins._outputs Pins._nets I2cBus._addressed PartWires._i2c_wires PartWires._spi_wires": "are what they save, of which this test can make nothing else",
    "I2c.wires": "are saved with the parts",
    "Power.boot": "leads to the chip; what changes in it is in the snapshot, as test_download.py shows",
    "Power.waits_for_download CrashWatch.grace_ns ResetWatch._most UartPort.name": "is fixed when the machine is built",
    "UartPort._line": "is the UART, which is walked from the chip",
    "UartPort._runner": "is the machine",
    "UartPort._expectation UartPort._is_over": "are over between runs",
    "UartPort.match UartPort.match_index": "belong to who has waited",
    "UnmodelledLog.uses": "tells what the run has met: nothing of the chip depends on it",
    "Core.breakpoints Core.entry_observers Core.fault_observers Core._stop_requested DmaPort.written": OUTSIDE,
    "Core._was_watched Stepper.was_watched": "are over when no instruction is under way",
    "Core._longest Core._delay": FIXED,
    "VirtualClock.run_until_ns": "is over between runs",
    "InterpreterEngine._breakpoints InterpreterEngine.flow InterpreterEngine.observer InterpreterEngine.coverage": OUTSIDE,
    "InterpreterEngine._is_in_line InterpreterEngine._notes_flow": "the same between any runs",
    "InterpreterEngine._limit": "is that of a run which is over",
    "InterpreterEngine._costs": FIXED,
    "Stepper._interpreter Stepper._processor": "remember nothing from one instruction to the next",
    "VirtualClock._heap": "holds the alarms, which are saved by those who have them",
    "ClockAlarm.number ClockAlarm.is_silent": FIXED,
    "VirtualClock._next_elapsed VirtualClock._knows_next": "follow from the alarms",
    "VirtualClock._counted Countdown._outlook": "are worked out anew when they are asked for next",
    "VirtualClock.on_rebase": OUTSIDE,
    "VirtualClock._alarm_count VirtualClock._cycles_per_unit": FIXED,
    "VirtualClock._ns_per_many VirtualClock._many": "follow from the frequency",
    "Soc._absent Soc._bases Soc.devices Soc.windows": FIXED,
    "Peripheral.environment": "is what is around a block",
    "FlashController._buffer Rsa._buffer": "is what another block holds",
    "Peripheral.name Register.name Register.offset Register.reset_value": FIXED,
    "Peripheral._places Peripheral._in_order": "lead to the registers, which are walked by their names",
    "PageCopies._latest PageCopies.changed_pages PageCopies._memory": "are the memory, and copies of it",
    "PageCopies._count": FIXED,
    "Uart.is_prompt": OUTSIDE,
    "Uart._tx_news Uart._tx_told": "follow from the FIFO and from who waits",
    "Fifo.depth": FIXED,
    "Dma._irqs Gpsec._jobs NorFlash._handlers": FIXED,
    "Dma._serving": "is empty but in the middle of a burst",
    "Gpio._is_telling": "is over when nobody is being told",
    "Gpsec._seed": FIXED,
    "NorFlash._jedec_id NorFlash._device_id NorFlash._unique_id NorFlash.size_bytes": FIXED,
    "Gpio.observers NorFlash.observers NorFlash.changed": OUTSIDE,
}
"""By class and attribute."""
EXPLAINED = frozenset(chain.from_iterable(line.split() for line in NOT_SAVED))
OURS = ("emu.", "peripherals.", __name__)
Undo = Callable[[], object]


def is_explained(owner: object, attribute: str) -> bool:
    return any(f"{kind.__name__}.{attribute}" in EXPLAINED for kind in type(owner).__mro__)


def attributes(owner: object) -> dict[str, Any]:
    """All that an instance has, in its dictionary and in its slots."""
    slots = [name for kind in type(owner).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(owner, name) for name in slots if hasattr(owner, name)} | getattr(
        owner, "__dict__", {}
    )


def is_ours(value: object) -> bool:
    """Whether it is an object of the emulator with attributes of its own; reports never change."""
    module = type(value).__module__
    is_report = module.startswith("emu.report.")
    return module.startswith(OURS) and not is_report and not isinstance(value, Enum)


def parts_of(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple | deque) else ()


def objects(root: object) -> Iterator[tuple[str, object]]:
    """Walk all objects of ours below a root, each once, but for what is explained and for other blocks."""
    beyond = (Peripheral, VirtualClock) if isinstance(root, Peripheral) else Peripheral
    seen: set[int] = set()
    waiting: deque[tuple[str, object]] = deque([(type(root).__name__, root)])
    while waiting:
        path, value = waiting.popleft()
        if id(value) in seen or (isinstance(value, beyond) and value is not root):
            continue
        seen.add(id(value))
        waiting += ((f"{path}[{key!r}]", part) for key, part in parts_of(value))
        if is_ours(value):
            yield path, value
            members = attributes(value).items()
            waiting += ((f"{path}.{name}", part) for name, part in members if not is_explained(value, name))


def different(value: Any) -> Any:
    """Make something else of the same kind."""
    match value:
        case Enum():
            return next(member for member in type(value) if member is not value)
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() | bytes():
            return value * 2 or type(value)([0])
        case tuple() | frozenset():
            return type(value)((*value, 0))
        case None:
            return 1
    return value


def change(owner: object, name: str, value: Any) -> Undo | None:
    """Change an attribute; None for one that cannot: a call-back, an object of ours, of a frozen owner."""
    match value:
        case list() | deque():
            value.append(value[-1] if value else 0)
            return value.pop
        case tuple() if any(is_ours(part) for part in value):
            return None
        case set():
            value.add("something")
            return partial(value.discard, "something")
        case dict():
            value["something"] = 0
            return partial(value.pop, "something")
        case bytearray() | memoryview():
            return changed_byte(owner, value)
    is_off = isinstance(owner, ClockAlarm) and name == "entry" and value is None
    other = (1, 1, owner) if is_off else different(value)
    if other is value:
        return None
    try:
        setattr(owner, name, other)
    except FrozenInstanceError:
        return None
    return partial(setattr, owner, name, value)


def changed_byte(owner: object, memory: bytearray | memoryview) -> Undo:
    if not memory:
        assert isinstance(memory, bytearray)
        memory.append(0)
        return memory.clear

    def change() -> None:
        memory[0] ^= 1
        if isinstance(owner, NorFlash):
            owner.changed(0, 1)

    change()
    return change


def unsaved(root: object, save: Callable[[], object]) -> Iterator[str]:
    """The attributes that can be changed without a change of the snapshot."""
    for path, owner in objects(root):
        for name, value in attributes(owner).items():
            if is_explained(owner, name):
                continue
            before = save()
            undo = change(owner, name, value)
            if undo is not None:
                is_same = save() == before
                undo()
                if is_same:
                    yield f"{path}.{name}"


@pytest.fixture(scope="module")
def machine() -> Machine:
    machine = machine_of(code(op("movi", rz=1, imm=1), op("ld.w", rz=2, rx=1, offset=0)))
    machine.cut_power_at_flash_operation(1)
    machine.run(1000)  # it crashes at once; its handler goes on for a while
    return machine


@pytest.fixture(scope="module")
def board(machine: Machine) -> Board:
    return machine.board


def test_all_that_changes_around_the_blocks_is_in_the_snapshot(board: Board) -> None:
    assert list(unsaved(board, board.save)) == []


@pytest.mark.parametrize("name", W800.rows)
def test_all_that_changes_in_a_block_is_in_its_snapshot(board: Board, name: str) -> None:
    block = board.soc.devices[name]
    assert list(unsaved(block, block.save)) == []
    assert board.save()["soc"][name] == block.save()


def parts(machine: Machine) -> dict[str, Any]:
    return {name: part for name, part in machine._state._parts.items() if name != "chip"}


def test_all_that_changes_around_the_chip_is_in_the_snapshot(machine: Machine) -> None:
    found = [path for part in parts(machine).values() for path in unsaved(part, part.save)]
    assert found == []
    assert machine.snapshot().state.keys() == {"chip", *parts(machine)}


def test_the_walk_comes_to_everything(board: Board) -> None:
    roots = (board, *board.soc.devices.values())
    seen = {type(owner).__name__ for root in roots for _, owner in objects(root)}
    assert {
        "NorFlash",
        "ClockAlarm",
        "Countdown",
        "Deadline",
        "Fifo",
        "CpuState",
        "LoopState",
        "ClockState",
        "CaptureInput",
    } <= seen
    assert isinstance(board.core.engine, InterpreterEngine)


def test_what_is_explained_is_there(machine: Machine, board: Board) -> None:
    """An explanation of something that has gone is one too many."""
    roots = (board, *board.soc.devices.values(), *parts(machine).values())
    owners = [value for root in roots for _, value in objects(root)]
    there = {
        f"{kind.__name__}.{name}"
        for owner in owners
        for kind in type(owner).__mro__
        for name in attributes(owner)
    }
    assert there >= EXPLAINED


class Forgetful(Peripheral):
    """A block with state that it does not save."""

    class Word(Register):
        bits = rw(31, 0)

    word = at(0, Word)
    saved_state = ("kept",)

    def __init__(self, world: Any) -> None:
        super().__init__("forgetful", world.environment)
        self.kept = [1]
        self.lost = 0
        self._lost_list: list[int] = []
        self._countdown = Countdown(world.clock, lambda _: None)


def test_state_that_is_not_saved_is_found(world: Any) -> None:
    block = Forgetful(world)
    found = set(unsaved(block, block.save))
    assert {"Forgetful.lost", "Forgetful._lost_list", "Forgetful._countdown._left"} <= found
    assert not found & {"Forgetful.kept", "Forgetful.word.value"}
