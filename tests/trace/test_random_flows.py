"""Random programs, with all that can happen to them: their flow tells what the interpreter has executed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from dbt.differential import Play
from support.seeds import PROGRAM_SEEDS

from emu.engine.flow import ENTRY_BYTES
from emu.engine.interpreter_engine import InterpreterEngine
from emu.trace.code_history import CodeHistory, code_records
from emu.trace.code_log import CodeLog
from emu.trace.flow import FlowDecoder, addresses_of
from emu.trace.lines import Memory

PARTS = 4


class Noted:
    """The flow of a play, and the code that it needs."""

    def __init__(self, play: Play) -> None:
        self._engine = play.guest.engine
        regions = play.guest.bus.regions
        self._memories = [Memory(each.name, each.base, len(each.buffer), each.cost) for each in regions]
        self._entries = bytearray()
        self._code = CodeLog(regions)
        self._engine.note_flow(self)
        assert self._engine.flow is not None
        self._before = self._engine.flow.count

    def take(self, entries: memoryview) -> None:
        self._entries += entries

    def code(self, entries: int, ranges: Sequence[tuple[int, int]]) -> None:
        self._code.note(entries - self._before, ranges)

    def instructions(self) -> list[int]:
        """The address of each, in order."""
        assert self._engine.flow is not None
        self._engine.flow.flush()
        entries = np.frombuffer(bytes(self._entries), dtype=np.uint32)
        assert len(entries) == len(self._entries) // ENTRY_BYTES
        history = CodeHistory(self._memories, code_records(self._code.take()))
        decoder, at, found = FlowDecoder(history.first), 0, list[int]()
        ends = [change.entries for change in history.changes]
        for end, change in zip([*ends, len(entries) - 1], [*history.changes, None], strict=True):
            if end > at:
                found += addresses_of(decoder.part(entries[at:end], int(entries[end])))
                at = end
            if change is not None:
                history.first.put(change.address, change.data)
                decoder.code_changed()
        return found


class Executed(list[int]):
    """The addresses of instructions, as the interpreter tells them."""

    def retired(self, pc: int) -> None:
        self.append(pc)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_flow_of_random_programs_is_what_was_executed(part: int) -> None:
    for seed in PROGRAM_SEEDS[part::PARTS]:
        told: list[list[int]] = []
        for kind in ("interpreter", "translator"):
            play = Play(kind, seed)
            noted, executed = Noted(play), Executed()
            if isinstance(play.guest.engine, InterpreterEngine):
                play.guest.engine.observer = executed
                told.append(executed)
            play.run()
            told.append(noted.instructions())
        assert told[1] == told[0], f"the interpreter's, seed {seed}"
        assert told[2] == told[0], f"the translator's, seed {seed}"
