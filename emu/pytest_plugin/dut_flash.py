"""The flash of a device as tests like to look at it: by partition."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emu.machine import Machine
    from peripherals.flash_operation import FlashOperation
    from peripherals.nor_flash import NorFlash


class FlashArea:
    """A part of the flash: its contents, and what was done to it since the fixture was there."""

    def __init__(self, flash: NorFlash, offset: int, size_bytes: int, done: list[tuple[int, str]]) -> None:
        self.offset = offset
        self.size_bytes = size_bytes
        self._flash = flash
        self._done = done

    @property
    def contents(self) -> bytes:
        """All of it."""
        return bytes(self._flash.contents[self.offset : self.offset + self.size_bytes])

    def put(self, data: bytes, at: int = 0) -> None:
        """Change it, as a programmer on the bench does: what the firmware has read already it may not notice.

        ValueError where the data does not fit.
        """
        if not 0 <= at <= self.size_bytes - len(data):
            raise ValueError(f"put: {len(data):#x} bytes at {at:#x} do not fit {self.size_bytes:#x} bytes")
        self._flash.put(self.offset + at, data)

    @property
    def erases(self) -> int:
        """Sectors that were erased."""
        return len(self._offsets("erase"))

    @property
    def programs(self) -> int:
        """Pages that were programmed."""
        return len(self._offsets("program"))

    @property
    def wear(self) -> int:
        """How often the sector was erased that was erased most."""
        return max(Counter(self._offsets("erase")).values(), default=0)

    def _offsets(self, kind: str) -> list[int]:
        """Of the sectors or pages in it to which this was done."""
        end = self.offset + self.size_bytes
        return [offset for offset, what in self._done if what == kind and self.offset <= offset < end]


class DutFlash(FlashArea):
    """The whole flash; `dut_flash["nvs"]` is a partition of it."""

    def __init__(self, machine: Machine) -> None:
        from emu.machine.flash_use import FlashUse

        super().__init__(machine.flash, 0, machine.flash.size_bytes, [])
        self._use = FlashUse(machine.board)
        machine.flash.observers.append(self._note)

    @property
    def partitions(self) -> list[str]:
        """The names of those in the table that the flash holds now."""
        return [partition.name for partition in self._use.partitions]

    def __getitem__(self, name: str) -> FlashArea:
        """A partition; MachineError if there is none of that name."""
        from emu import MachineError
        from emu.options import suggestion

        for each in self._use.partitions:
            if each.name == name:
                return FlashArea(self._flash, each.offset, each.end - each.offset, self._done)
        raise MachineError(f"dut_flash: there is no partition {name!r}{suggestion(name, self.partitions)}")

    def _note(self, operation: FlashOperation) -> None:
        from peripherals.flash_operation import OperationKind, Phase
        from peripherals.nor_flash import touched_sectors

        if operation.phase is Phase.AFTER:
            is_erase, offset = operation.kind is OperationKind.ERASE, operation.offset
            offsets = touched_sectors(offset, operation.size_bytes) if is_erase else (offset,)
            self._done += [(each, operation.kind.value) for each in offsets]
