"""Random programs, with all that can happen to them: both engines tell the same coverage, that of the flow."""

from __future__ import annotations

import pytest
from dbt.differential import Play
from support.seeds import PROGRAM_SEEDS

from emu.isa.decode import size_bytes

PARTS = 4


class Seen:
    """Instructions and ways of branches."""

    def __init__(self) -> None:
        self.instructions: set[tuple[int, bytes]] = set()
        self.ways: set[tuple[int, bytes, bool]] = set()

    def executed(self, address: int, code: bytes) -> None:
        while code:
            size = size_bytes(int.from_bytes(code[:2], "little"))
            self.instructions.add((address, code[:size]))
            address, code = address + size, code[size:]

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        self.ways.add((address, code, is_taken))


@pytest.mark.parametrize("part", range(PARTS))
def test_the_coverage_of_random_programs_is_what_was_executed(part: int) -> None:
    for seed in PROGRAM_SEEDS[part::PARTS]:
        told: list[Seen] = []
        for kind in ("interpreter", "translator"):
            play, seen = Play(kind, seed), Seen()
            play.guest.engine.tell_coverage(seen)
            play.run()
            play.guest.engine.tell_coverage(None)
            told.append(seen)
        assert told[1].instructions == told[0].instructions, f"seed {seed}"
        assert told[1].ways == told[0].ways, f"seed {seed}"
