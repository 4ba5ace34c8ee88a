"""One run of a story that is not cut: all its flash operations, with what the flash held before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from emu.history.snapshot import Snapshot
from emu.machine import Machine
from emu.machine.board import ROM_BASE, ROM_SIZE_BYTES
from emu.machine.flash_use import FlashUse, calls_now
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.page_copies import PAGE_BYTES, Pages

_FLASH: Final = ("chip", "soc", "flash_controller", "state", "flash")
MODELLED: Final = "the bootloader, modelled"
CALLERS_SHOWN: Final = 3


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
class Place:
    """Where in a story a flash operation is, and what it does."""

    number: int
    """From 1 on."""
    kind: str
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

    def __str__(self) -> str:
        where = f"{self.offset:#x}" + (f" in {self.partition}" if self.partition else "")
        return f"operation {self.number} ({self.kind} of {self.size_bytes:,} bytes at {where}, by {self.who})"


@dataclass(frozen=True, slots=True)
class StoryOperation:
    """An erase or program of the story."""

    place: Place
    before: FlashState
    after: FlashState

    @property
    def contents(self) -> tuple[bytes, bytes]:
        """Its range before and after."""
        place = self.place
        return self.before.read(place.offset, place.size_bytes), self.after.read(
            place.offset, place.size_bytes
        )


class OperationLog:
    """Keeps the operations of a machine from now on, and who has called the driver."""

    def __init__(self, machine: Machine, use: FlashUse) -> None:
        self.operations: list[StoryOperation] = []
        self.next_look_ns: int | None = None
        self._machine = machine
        self._use = use
        self._before: tuple[FlashState, str, bool] | None = None
        self._has_unknown = False
        machine.flash.observers.append(self._operated)
        machine._control.lookers.append(self)

    def close(self) -> None:
        """Keep no more."""
        self._machine.flash.observers.remove(self._operated)
        self._machine._control.lookers.remove(self)

    def look(self) -> None:
        """The core has come back: the callers of the latest operation are on the stack."""
        if self._has_unknown and self.operations:
            self._has_unknown = False
            view = self._machine._views.now()
            frames = calls_now(self._machine.board, view)
            names = [frame.name.partition("+")[0] for frame in frames[1:] if frame.is_certain and frame.name]
            if names:
                latest = self.operations[-1]
                place = replace(latest.place, who=" < ".join(names[:CALLERS_SHOWN]))
                self.operations[-1] = replace(latest, place=place)

    def _operated(self, operation: FlashOperation) -> None:
        machine = self._machine
        if operation.phase is Phase.BEFORE:
            self._before = flash_state(machine), self._who(), self._is_header(operation)
            return
        assert self._before is not None
        before, who, holds_header = self._before
        partition = self._use.partition_at(operation.offset)
        number, name = len(self.operations) + 1, partition.name if partition else ""
        what = operation.kind.value, operation.offset, operation.size_bytes, machine.now_ns, operation.time_ns
        place = Place(number, *what, name, holds_header, who)
        self.operations.append(StoryOperation(place, before, flash_state(machine)))

    def _is_header(self, operation: FlashOperation) -> bool:
        begin, end = operation.offset, operation.offset + operation.size_bytes
        return any(begin < header.stop and header.start < end for header, _ in self._use.images())

    def _who(self) -> str:
        pc = self._machine.board.core.engine.current_pc
        if ROM_BASE <= pc < ROM_BASE + ROM_SIZE_BYTES:
            return MODELLED
        self._has_unknown = True
        self._machine.board.core.stop()  # so that the callers can be looked at soon
        return self._machine.describe(pc) or f"{pc:#010x}"


def pages_of(snapshot: Snapshot) -> Pages:
    """What the flash holds in a snapshot."""
    branch: Any = snapshot.state
    for name in _FLASH:
        branch = branch[name]
    pages: Pages = branch["contents"]
    return pages


def with_flash(snapshot: Snapshot, flash: Mapping[str, Any]) -> Snapshot:
    """A snapshot with this, as `NorFlash.save` gives it, in the state of the flash."""
    tree = dict(snapshot.state)
    branch: dict[str, Any] = tree
    for name in _FLASH:
        branch[name] = dict(branch[name])
        branch = branch[name]
    branch.update(flash)
    return Snapshot(snapshot.now_ns, snapshot.executed, snapshot.board, tree)


def flash_state(machine: Machine) -> FlashState:
    """What a cut now would leave."""
    saved = machine.flash.save()
    return FlashState(saved.pop("contents"), saved)
