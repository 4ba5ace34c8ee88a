"""The last operations of the flash, for a user who wants to know who has written there."""

from __future__ import annotations

from collections import deque
from typing import Final

from emu.machine import Machine
from peripherals.flash_operation import FlashOperation, Phase

MOST: Final = 64


class FlashLog:
    """Remembers them; in the past, those until then."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._operations: deque[tuple[FlashOperation, str]] = deque(maxlen=MOST)
        machine.flash.observers.append(self._note)

    def lines(self) -> list[str]:
        """A line each, the latest last."""
        known = [each for each in self._operations if each[0].time_ns <= self._machine.now_ns]
        return [
            f"{operation.time_ns / 1e9:.6f} s  {operation.kind.value:<7} {operation.size_bytes:>6} bytes at "
            f"flash offset {operation.offset:#08x}, by {where}"
            for operation, where in known
        ]

    def _note(self, operation: FlashOperation) -> None:
        if operation.phase is Phase.BEFORE:
            pc = self._machine.board.core.engine.current_pc
            self._operations.append((operation, f"{pc:#010x} {self._machine.describe(pc)}".rstrip()))
