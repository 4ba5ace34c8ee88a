"""Records a trace of a machine: the flow of control, what of the code it needs, and what else happens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from emu.engine.flow import ENTRY_BYTES
from emu.history.state_file import pack_tree
from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.machine.recording import recording_tree
from emu.trace.chunks import ChunkKind, Moment
from emu.trace.code_log import CodeLog
from emu.trace.event_log import EventLog
from emu.trace.setup import setup_chunk
from emu.trace.writer import TraceWriter
from emu.version import __version__


class TraceRecorder:
    """Writes everything that a machine executes to a file, from now on, until it is closed.

    The run stays the same; the machine cannot go back meanwhile. LoadError if the file cannot be written.
    """

    def __init__(self, machine: Machine, path: str | Path) -> None:
        engine = self._engine = machine.board.core.engine
        if engine.flow is not None and engine.flow.sink is not None:
            raise MachineError(f"{path}: another trace of this machine is being written")
        if machine._recorder.beginning is None:
            machine.record()
        self._machine = machine
        self._writer = TraceWriter(Path(path), __version__)
        self._code = CodeLog(machine.board.bus.regions)
        self._begun = Moment(0, engine.elapsed, engine.executed)
        engine.note_flow(self)
        assert engine.flow is not None
        self._flow, self._before = engine.flow, engine.flow.count
        self._events = EventLog(machine, lambda: self._entries)
        self._writer.put(ChunkKind.SETUP, self._begun, setup_chunk(machine))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write the rest; further calls do nothing."""
        if self._flow.sink is not self:
            return
        self._flow.flush()
        self._events.close()
        self._engine.note_flow(None)
        made_from, recorder, recording = self._machine._made_from, self._machine._recorder, None
        if made_from is not None and recorder.beginning is not None:
            recording = recording_tree(made_from, recorder.beginning, recorder)
        self._writer.put(ChunkKind.END, self._begun, pack_tree(recording))
        self._writer.close()

    @property
    def _entries(self) -> int:
        """So many there are until now."""
        return self._flow.count - self._before

    # ---- see `emu.engine.flow.FlowSink` --------------------------------------------------------------

    def take(self, entries: memoryview) -> None:
        """Write entries, and what has happened besides."""
        data = entries.tobytes()
        self._writer.put(ChunkKind.FLOW, self._begun, data)
        for kind, records in ((ChunkKind.CODE, self._code.take()), *self._events.take()):
            if records:
                self._writer.put(kind, self._begun, records)
        begun = self._begun.entries + len(data) // ENTRY_BYTES
        self._begun = Moment(begun, self._engine.elapsed, self._engine.executed)

    def code(self, entries: int, ranges: Sequence[tuple[int, int]]) -> None:
        """See `FlowSink.code`."""
        self._code.note(entries - self._before, ranges)
