"""A trace that is read: its flow, what happened besides, names, and the recording to run it again."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emu.history.encoding import StateEncodingError
from emu.history.state_file import unpack_tree
from emu.loader.errors import LoadError, Origin
from emu.trace.chunks import Chunk, ChunkFile, ChunkKind
from emu.trace.code_history import CodeHistory, code_records
from emu.trace.flow import FlowDecoder, FlowPart, addresses_of
from emu.trace.layout import EVENT, TIME, EventKind
from emu.trace.lines import Memory
from emu.trace.names import Names
from emu.trace.times import Times


class Event(NamedTuple):
    """Something that happened besides instructions; see `EventKind`."""

    entries: int
    """Entries of the flow before it."""
    elapsed: int
    time_ns: int
    kind: EventKind
    first: int
    second: int


class Trace:
    """A trace in a file; LoadError where it is none, or damaged. What is cut off was not executed."""

    def __init__(self, path: str | Path) -> None:
        self._file = ChunkFile(Path(path))
        setups = list(self._file.of(ChunkKind.SETUP))
        if not setups:
            raise Origin(Path(path).name).error("setup", "missing: it was cut off before anything ran")
        setup = self._tree(setups[0])
        self.begins = setups[0].begins
        self.memories = [Memory(*each) for each in setup["memories"]]
        self.names = Names(setup["made_from"])
        self.is_whole = self._file.is_whole
        """Whether it was ended, and not cut off."""
        self.times = Times(record for data in self._all(ChunkKind.TIME) for record in TIME.iter_unpack(data))
        tasks = (task for data in self._all(ChunkKind.TASKS) for task in json.loads(data).items())
        self.tasks: dict[int, str] = {int(address): name for address, name in tasks}
        """Names of FreeRTOS tasks by their control blocks."""
        records = (record for data in self._all(ChunkKind.CODE) for record in code_records(data))
        self._code = CodeHistory(self.memories, records)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def events(self) -> Iterator[Event]:
        """What happened besides instructions, in its order."""
        for data in self._all(ChunkKind.EVENTS):
            for entries, elapsed, time_ns, kind, first, second in EVENT.iter_unpack(data):
                yield Event(entries, elapsed, time_ns, EventKind(kind), first, second)

    def parts(self) -> Iterator[FlowPart]:
        """The flow, in parts."""
        code, changes = self._code.first.copy(), deque(self._code.changes)
        decoder = FlowDecoder(code, self.begins.executed, self.begins.elapsed)
        for first, entries, following in self._entries():
            at = 0
            while changes and changes[0].entries < first + len(entries):
                change = changes.popleft()
                until = change.entries - first
                if until > at:
                    yield decoder.part(first + at, entries[at:until], int(entries[until]))
                    at = until
                code.put(change.address, change.data)
                decoder.code_changed()
            if at < len(entries):
                yield decoder.part(first + at, entries[at:], following)

    def instructions(self) -> Iterator[int]:
        """The address of every instruction executed."""
        for part in self.parts():
            yield from addresses_of(part)

    @property
    def recording(self) -> Any:
        """The recording of the run, as `recording_of` takes it; None where there is none."""
        return self._tree(self._file.chunks[-1]) if self.is_whole else None

    def _entries(self) -> Iterator[tuple[int, Any, int]]:
        """Number of the first, entries, and the one that follows. The last one stands for nothing known."""
        held: tuple[int, Any] | None = None
        for chunk in self._file.of(ChunkKind.FLOW):
            entries = np.frombuffer(self._file.read(chunk), dtype=np.uint32)
            if held is not None and len(entries):
                yield (*held, int(entries[0]))
            held = (chunk.begins.entries, entries) if len(entries) else held
        if held is not None:
            yield held[0], held[1][:-1], int(held[1][-1])

    def _all(self, kind: ChunkKind) -> Iterator[bytes]:
        return (self._file.read(chunk) for chunk in self._file.of(kind))

    def _tree(self, chunk: Chunk) -> Any:
        try:
            return unpack_tree(self._file.read(chunk))
        except StateEncodingError as error:
            raise LoadError(f"{self._file.path.name}: {chunk.kind} cannot be read ({error})") from None
