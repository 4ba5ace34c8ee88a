"""One run of a story that is not cut: all its flash operations, with what the flash held before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from emu.machine import Machine
from emu.machine.flash_use import FlashUse
from peripherals.flash_operation import FlashOperation, OperationKind, Phase
from peripherals.framework.page_copies import PAGE_BYTES, Pages

_BY_ROM: Final = 0x1_4000
"""Addresses below are those of the mask ROM: boot code that is modelled is not executed."""


class FlashState(NamedTuple):
    """All that a power cut leaves of a device."""

    pages: Pages
    saved: dict[str, Any]
    """The rest of the flash's state; see `NorFlash.save`."""

    def read(self, offset: int, size_bytes: int) -> bytes:
        """Bytes of the array."""
        first, last = offset // PAGE_BYTES, -(-(offset + size_bytes) // PAGE_BYTES)
        begin = offset - first * PAGE_BYTES
        return b"".join(self.pages[first:last])[begin : begin + size_bytes]

    def replaced(self, offset: int, data: bytes) -> FlashState:
        """The state with other bytes."""
        pages = list(self.pages)
        while data:
            number, begin = divmod(offset, PAGE_BYTES)
            part = data[: PAGE_BYTES - begin]
            pages[number] = pages[number][:begin] + part + pages[number][begin + len(part) :]
            offset, data = offset + len(part), data[len(part) :]
        return FlashState(tuple(pages), self.saved)

    def tree(self) -> dict[str, Any]:
        """As `NorFlash.restore` takes it, when the power has come back."""
        off = {"write_enabled": False, "powered_down": False, "ready_at_ns": 0}
        return {**self.saved, **off, "contents": self.pages}


@dataclass(frozen=True, slots=True)
class StoryOperation:
    """An erase or program of the story."""

    number: int
    """From 1 on."""
    kind: OperationKind
    offset: int
    size_bytes: int
    time_ns: int
    """When it began."""
    ready_ns: int
    """When it was complete."""
    partition: str
    holds_header: bool
    """Whether the header of an image that starts is, or was, in the range."""
    who: str
    """Symbol of the code, or who it is."""
    before: FlashState
    after: FlashState

    def __str__(self) -> str:
        place = f"{self.offset:#x}" + (f" in {self.partition}" if self.partition else "")
        return f"operation {self.number}, {self.kind.value} of {self.size_bytes:,} bytes at {place}"


class OperationLog:
    """Keeps the operations of a machine from now on."""

    def __init__(self, machine: Machine, use: FlashUse) -> None:
        self.operations: list[StoryOperation] = []
        self._machine = machine
        self._use = use
        self._before: tuple[FlashState, str, bool] | None = None
        machine.flash.observers.append(self._operated)

    def close(self) -> None:
        """Keep no more."""
        self._machine.flash.observers.remove(self._operated)

    def _operated(self, operation: FlashOperation) -> None:
        if operation.phase is Phase.BEFORE:
            begin, end = operation.offset, operation.offset + operation.size_bytes
            headers = [header for header, _ in self._use.images()]
            is_header = any(begin < header.stop and header.start < end for header in headers)
            self._before = flash_state(self._machine), self._who(), is_header
            return
        assert self._before is not None
        before, who, is_header = self._before
        partition = self._use.partition_at(operation.offset)
        self.operations.append(
            StoryOperation(
                number=len(self.operations) + 1,
                kind=operation.kind,
                offset=operation.offset,
                size_bytes=operation.size_bytes,
                time_ns=self._machine.now_ns,
                ready_ns=operation.time_ns,
                partition=partition.name if partition else "",
                holds_header=is_header,
                who=who,
                before=before,
                after=flash_state(self._machine),
            )
        )

    def _who(self) -> str:
        pc = self._machine.board.core.engine.current_pc
        if pc < _BY_ROM:
            return "the bootloader, modelled"
        return self._machine.describe(pc) or f"{pc:#010x}"


def flash_state(machine: Machine) -> FlashState:
    """What a cut now would leave."""
    saved = machine.flash.save()
    return FlashState(saved.pop("contents"), saved)
