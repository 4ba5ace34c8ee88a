"""The file that coverage is written to: that of a trace, with nothing in it but what was executed at all."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from emu.engine.coverage import Known
from emu.history.state_file import pack_tree
from emu.machine.machine import Machine
from emu.trace.chunks import ChunkKind, Moment
from emu.trace.layout import TIME
from emu.trace.setup import setup_chunk
from emu.trace.writer import TraceWriter


class CoverageFile:
    """Grows by periods of one machine, or of several that were made alike (`setup_chunk`).

    LoadError where it cannot be written.
    """

    def __init__(self, path: str | Path, machine: Machine) -> None:
        engine = machine.board.core.engine
        self.begins = Moment(0, engine.elapsed, engine.executed)
        self.known: Known = {}
        """What a machine has told until another program may have come, from this moment on."""
        self._writer = TraceWriter(Path(path), version("w800emu"))
        self._writer.put(ChunkKind.SETUP, self.begins, setup_chunk(machine))
        self._writer.put(ChunkKind.TIME, self.begins, TIME.pack(*machine.board.clock.scale))

    def put(self, period: bytes) -> None:
        """Write what was executed while no program has taken the place of another: see `layout.SEEN`."""
        self._writer.put(ChunkKind.SEEN, self.begins, period)

    def close(self) -> None:
        """Write the rest."""
        self._writer.put(ChunkKind.END, self.begins, pack_tree(None))
        self._writer.close()
