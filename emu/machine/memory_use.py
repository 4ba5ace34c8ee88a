"""How much of its memory a firmware has used: stacks at most, the heap at least free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from emu.loader import Symbol
from emu.loader.symbols import SymbolKind
from emu.machine.machine import Machine
from emu.memory_map import SRAM_BASE, SRAM_SIZE_BYTES

_SMALLEST_STACK_BYTES: Final = 64
_NEVER_WRITTEN: Final = b"\0\xa5"
"""What stacks hold before they are used: cleared by start-up code, or filled by FreeRTOS."""


class Heap(NamedTuple):
    """Bytes of all heaps together."""

    free: int
    least_free: int
    """Since power-on."""


class _Place(NamedTuple):
    """Where an allocator keeps its account."""

    symbol: str
    offset: int


_ACCOUNTS: Final = (
    # Free, least free. FreeRTOS's heap_4.c and heap_5.c; the IoT SDK's wm_heap.c (wm_heaps_t).
    (_Place("xFreeBytesRemaining", 0), _Place("xMinimumEverFreeBytesRemaining", 0)),
    (_Place("wm_heaps", 4), _Place("wm_heaps", 8)),
)


def stacks(machine: Machine) -> dict[str, int]:
    """The most bytes that were ever used of each task's stack.

    Those of FreeRTOS by the names of the tasks; without it, arrays in RAM with `stack` in their names: the
    second one of a name, by address, is `stack 2`.
    """
    used = {task.name: task.most_used_bytes for task in machine.tasks() if task.most_used_bytes is not None}
    return used or {name: most for name, symbol in _arrays(machine) if (most := _used(machine, symbol))}


def heap(machine: Machine) -> Heap | None:
    """That of an allocator known by its names; None: there is none, or nothing of it was ever used."""
    for free, least_free in _ACCOUNTS:
        if free.symbol in machine.symbols and least_free.symbol in machine.symbols:
            found = Heap(_number(machine, free), _number(machine, least_free))
            return found if found.free else None
    return None


def _arrays(machine: Machine) -> Iterator[tuple[str, Symbol]]:
    ram = range(SRAM_BASE, SRAM_BASE + SRAM_SIZE_BYTES)
    counts = Counter[str]()
    for symbol in machine.symbols:
        is_array = symbol.kind is SymbolKind.OBJECT and symbol.size_bytes >= _SMALLEST_STACK_BYTES
        if is_array and symbol.address in ram and "stack" in symbol.name.lower():
            counts[symbol.name] += 1
            count = counts[symbol.name]
            yield symbol.name if count == 1 else f"{symbol.name} {count}", symbol


def _used(machine: Machine, stack: Symbol) -> int:
    return len(machine.peek(stack.address, stack.size_bytes).lstrip(_NEVER_WRITTEN))


def _number(machine: Machine, place: _Place) -> int:
    return int.from_bytes(machine.peek(machine.symbols[place.symbol].address + place.offset, 4), "little")
