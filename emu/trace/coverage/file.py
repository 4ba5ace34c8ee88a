"""The file that coverage is written to: that of a trace, with nothing in it but what was executed at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from emu.engine.coverage import Known
from emu.history.state_file import pack_tree
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE
from emu.trace.chunks import ChunkKind, Moment
from emu.trace.layout import TIME
from emu.trace.setup import setup_chunk
from emu.trace.writer import TraceWriter
from emu.version import __version__
from peripherals.nor_flash import SECTOR_SIZE, touched_sectors


class CoverageFile:
    """Grows by periods of one machine, or of several that were made alike (`setup_chunk`).

    LoadError where it cannot be written.
    """

    def __init__(self, path: str | Path, machine: Machine, others: Iterable[CoverageFile] = ()) -> None:
        """`others` are files that it will be added to: what was told there may be left out."""
        self._made_from = machine._made_from
        self._begins = _moment(machine)
        self._flash = bytearray(machine.board.flash.contents)  # quickly compared with any buffer
        known = (other.known_to(machine) for other in others)
        self._known = next((each for each in known if each is not None), Known())
        self._code_sectors: set[int] = set()  # where sectors begin, as those of the flash do
        self._writer = TraceWriter(Path(path), __version__)
        self._writer.put(ChunkKind.SETUP, self._begins, setup_chunk(machine))
        self._writer.put(ChunkKind.TIME, self._begins, TIME.pack(*machine.board.clock.scale))

    def is_of(self, machine: Machine) -> bool:
        """Whether a machine was made alike and is at the same moment: devices that have booted are, too."""
        return _moment(machine) == self._begins and machine._made_from == self._made_from

    def known_to(self, machine: Machine) -> Known | None:
        """What others have told that have the programs of a machine; None: it may have other ones.

        More is to be added until another program may have come. Flash in which nothing was executed, such as
        settings, may differ.
        """
        flash = machine.board.flash.contents
        if machine._made_from != self._made_from:
            return None
        if self._flash != flash and not all(self._is_at(flash, address) for address in self._code_sectors):
            return None
        return self._known

    def _is_at(self, flash: memoryview, address: int) -> bool:
        """Whether a flash has the same in the sector at an address; there is none of code in other memory."""
        offset = address - FLASH_BASE
        return self._flash[offset : offset + SECTOR_SIZE] == flash[offset : offset + SECTOR_SIZE]

    def note_code(self, address: int, size_bytes: int) -> None:
        """Code was executed there."""
        self._code_sectors.update(touched_sectors(address, size_bytes))

    def may_have_executed(self, address: int, size_bytes: int) -> bool:
        """Whether code was executed there, or near."""
        return not self._code_sectors.isdisjoint(touched_sectors(address, size_bytes))

    def put(self, period: bytes) -> None:
        """Write what was executed while no program has taken the place of another: see `layout.SEEN`."""
        self._writer.put(ChunkKind.SEEN, self._begins, period)

    def close(self) -> None:
        """Write the rest."""
        self._writer.put(ChunkKind.END, self._begins, pack_tree(None))
        self._writer.close()


def _moment(machine: Machine) -> Moment:
    engine = machine.board.core.engine
    return Moment(0, engine.elapsed, engine.executed)
