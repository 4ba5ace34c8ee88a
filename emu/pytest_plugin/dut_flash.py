"""The flash of a device as tests like to look at it: by partition."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emu.machine import Machine
    from peripherals.flash_operation import FlashOperation
    from peripherals.nor_flash import NorFlash

_SECTOR_BYTES = 0x1000


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
        return self._count("erase")

    @property
    def programs(self) -> int:
        """Pages that were programmed."""
        return self._count("program")

    @property
    def wear(self) -> int:
        """How often the sector was erased that was erased most."""
        sectors = (offset // _SECTOR_BYTES for offset, kind in self._done if kind == "erase")
        own = range(self.offset // _SECTOR_BYTES, -(-(self.offset + self.size_bytes) // _SECTOR_BYTES))
        return max(Counter(sector for sector in sectors if sector in own).values(), default=0)

    def _count(self, kind: str) -> int:
        end = self.offset + self.size_bytes
        return sum(what == kind and self.offset <= offset < end for offset, what in self._done)


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

        if operation.phase is Phase.AFTER:
            end = operation.offset + operation.size_bytes
            step = _SECTOR_BYTES if operation.kind is OperationKind.ERASE else operation.size_bytes
            self._done += [(offset, operation.kind.value) for offset in range(operation.offset, end, step)]
