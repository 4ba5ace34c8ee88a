"""What a part of a test has cost: for budgets as plain assertions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emu.machine import Machine
    from peripherals.flash_operation import FlashOperation


@dataclass(slots=True)
class Spent:
    """Behind the `with` statement all of it is there."""

    time_s: float = 0.0
    """Virtual seconds."""
    instructions: int = 0
    flash_erases: int = 0
    flash_programs: int = 0
    unmodelled: list[str] = field(default_factory=list)
    """Registers and fields without a model that were used for the first time."""
    calls: dict[str, list[int]] = field(default_factory=dict)
    """Of each function that was asked for, the instructions of each call that has returned: with all that it
    calls, and interrupts that came in between."""


@contextmanager
def spent(machine: Machine, functions: tuple[str, ...]) -> Iterator[Spent]:
    """Measure what the machine does meanwhile."""
    found = Spent(calls={name: [] for name in functions})
    begin_ns, executed, known = machine.now_ns, machine.executed, set(machine.board.log.uses)

    def count(operation: FlashOperation) -> None:
        from peripherals.flash_operation import OperationKind, Phase

        if operation.phase is Phase.AFTER:
            if operation.kind is OperationKind.ERASE:
                found.flash_erases += 1
            else:
                found.flash_programs += 1

    machine.flash.observers.append(count)
    clocks = [_CallClock(machine, name, found.calls[name]) for name in functions]
    try:
        yield found
    finally:
        machine.flash.observers.remove(count)
        for clock in clocks:
            clock.close()
        found.time_s = (machine.now_ns - begin_ns) / 1e9
        found.instructions = machine.executed - executed
        found.unmodelled = sorted(set(machine.board.log.uses) - known)


class _CallClock:
    """Counts instructions from the entry of a function to its return."""

    def __init__(self, machine: Machine, name: str, counts: list[int]) -> None:
        self._machine, self._counts = machine, counts
        self._entry = machine.address_of(name)
        self._entered: list[tuple[int, int]] = []  # return address, what was executed
        machine.hook(self._entry, self._enter)

    def close(self) -> None:
        """Count no more."""
        self._machine.unhook(self._entry)
        for address in {address for address, _ in self._entered}:
            self._machine.unhook(address)

    def _enter(self, machine: Machine) -> None:
        address = machine.registers["lr"] & ~1
        if address not in {known for known, _ in self._entered}:
            machine.hook(address, self._leave)
        self._entered.append((address, machine.executed))

    def _leave(self, machine: Machine) -> None:
        pc = machine.registers["pc"]
        if self._entered and self._entered[-1][0] == pc:
            self._counts.append(machine.executed - self._entered.pop()[1])
        if pc not in {known for known, _ in self._entered}:
            machine.unhook(pc)
