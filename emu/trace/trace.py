"""A trace that is read: its flow, what happened besides, names, and the recording to run it again."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Unpack

import numpy as np

from emu.loader.errors import LoadError
from emu.machine.errors import MachineError
from emu.machine.replay import Replay
from emu.options import MachineOptions
from emu.report.phrases import vector_name
from emu.trace.chunks import Chunk, ChunkFile, ChunkKind, Moment
from emu.trace.code_history import CodeHistory, code_records
from emu.trace.flow import FlowDecoder, FlowPart, Words, addresses_of
from emu.trace.layout import EVENT, TIME, EventKind
from emu.trace.lines import Memory
from emu.trace.names import Names
from emu.trace.selection import ALL, Selection
from emu.trace.setup import setup_in, tree_in
from emu.trace.times import Times
from emu.trace.window import EVERYTHING, FOREVER, Window


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
        self.path = Path(path)
        self._file = ChunkFile(self.path)
        self.begins, setup = setup_in(self._file)
        self.memories = [Memory(*each) for each in setup["memories"]]
        self.names = Names(setup["made_from"])
        self.is_whole = self._file.is_whole
        """Whether it was ended, and not cut off."""
        self.times = Times(
            record for data in self.chunks_of(ChunkKind.TIME) for record in TIME.iter_unpack(data)
        )
        tasks = (task for data in self.chunks_of(ChunkKind.TASKS) for task in json.loads(data).items())
        self.tasks: dict[int, str] = {int(address): name for address, name in tasks}
        """Names of FreeRTOS tasks by their control blocks."""
        records = (record for data in self.chunks_of(ChunkKind.CODE) for record in code_records(data))
        self._code = CodeHistory(self.memories, records)
        self.is_coverage = any(self._file.of(ChunkKind.SEEN))
        """Whether it has only what was executed at all: see coverage/seen.py."""

    @property
    def ends(self) -> Moment:
        """The end of what is known."""
        return self._file.chunks[-1].begins

    @property
    def elfs(self) -> list[bytes]:
        """The ELF files of its programs."""
        return list(dict.fromkeys(program.elf for program in self.names.programs if program.elf))

    def context_name(self, context: int) -> str:
        """What a context of `calls.Change` is called: a task, or a handler."""
        if context < 0:
            return vector_name(-context - 1)
        return self.tasks.get(context, f"task {context:#010x}" if context else "main")

    def events(self, window: Window = EVERYTHING) -> Iterator[Event]:
        """What happened besides instructions, in its order."""
        for data in self.chunks_of(ChunkKind.EVENTS):
            for entries, elapsed, time_ns, kind, first, second in EVENT.iter_unpack(data):
                if window.least <= elapsed < window.end:
                    yield Event(entries, elapsed, time_ns, EventKind(kind), first, second)

    def idle(self, window: Window = EVERYTHING) -> list[tuple[int, int]]:
        """When time passed without instructions: (begin, end) in nanoseconds, in order."""
        begin_ns, end_ns = map(self.times.time_ns, window)
        return [each for each in self.times.idle() if begin_ns <= each[0] < end_ns]

    def window(self, from_ns: int | None = None, to_ns: int | None = None) -> Window:
        """What begins between two virtual times; None: at the beginning, at the end of the trace."""
        least = -1 if from_ns is None else self.times.elapsed(from_ns)
        return Window(least, FOREVER if to_ns is None else self.times.elapsed(to_ns))

    def parts(self, window: Window = EVERYTHING) -> Iterator[FlowPart]:
        """The flow, in parts; of parts that a window begins or ends in, what is inside.

        `names` are those of the latest part.
        """
        if self.is_coverage:
            raise LoadError(f"{self.path}: this is coverage: it has neither times nor order")
        self.names.code_changed()
        code, changes = self._code.first.copy(), deque(self._code.changes)
        decoder = FlowDecoder(code)
        for chunk, entries, following in self._entries(window):
            decoder.begin(chunk.begins)
            at, first = 0, chunk.begins.entries
            while changes and changes[0].entries < first + len(entries):
                change = changes.popleft()
                until = max(change.entries - first, 0)
                if until > at:
                    yield from decoder.part(entries[at:until], int(entries[until])).inside(window)
                    at = until
                code.put(change.address, change.data)
                decoder.code_changed()
                self.names.code_changed()
            if at < len(entries):
                yield from decoder.part(entries[at:], following).inside(window)

    def instructions(self, selection: Selection = ALL) -> Iterator[int]:
        """The address of every instruction executed that is wanted."""
        for part in self.parts(selection.window):
            if selection.has_all_code:
                yield from addresses_of(part)
            else:
                function, code = self.names.function, part.code
                yield from (at for at in addresses_of(part) if selection.has(at, function(at, code)))

    def replay(self, **options: Unpack[MachineOptions]) -> Replay:
        """The run again, ready to begin; options are those of `Replay.load`.

        MachineError for a trace that was cut off, or of a machine that was not loaded.
        """
        tree = tree_in(self._file, self._file.chunks[-1]) if self.is_whole else None
        if tree is None:
            what = "its machine was not loaded from a file" if self.is_whole else "it was cut off"
            raise MachineError(f"{self.path.name}: cannot be run again: {what}")
        return Replay.of(tree, self.path, options)

    def _entries(self, window: Window) -> Iterator[tuple[Chunk, Words, int]]:
        """Chunk, entries, and the one that follows. The last one of all stands for nothing known."""
        chunks = list(self._file.of(ChunkKind.FLOW))
        held: tuple[Chunk, Words] | None = None
        for number, chunk in enumerate(chunks):
            ends = chunks[number + 1].begins.elapsed if number + 1 < len(chunks) else FOREVER
            if held is None and ends < window.least:
                continue
            entries = np.frombuffer(self._file.read(chunk), dtype=np.uint32)
            if not len(entries):
                continue
            if held is not None:
                yield (*held, int(entries[0]))
                if chunk.begins.elapsed >= window.end:
                    return
            held = chunk, entries
        if held is not None:
            yield held[0], held[1][:-1], int(held[1][-1])

    def chunks_of(self, kind: ChunkKind) -> Iterator[bytes]:
        """What all chunks of a kind hold."""
        return self._file.contents_of(kind)
