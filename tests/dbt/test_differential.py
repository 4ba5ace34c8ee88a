"""Random programs: the translator against the interpreter. More of them: `python -m tests.dbt.fuzz`.

Both back ends share the semantic functions, so this finds mistakes of the emitter, the builder and the
engine; the meaning itself is pinned by the vectors (tests/isa).
"""

from __future__ import annotations

import pytest
from dbt.differential import Play, mismatch
from support.seeds import PROGRAM_SEEDS

from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.translator import Translator
from emu.dbt.values import Temporary
from emu.isa.ops import Vector

PARTS = 5


@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs_do_the_same_on_both_engines(part: int) -> None:
    for seed in PROGRAM_SEEDS[part::PARTS]:
        failure = mismatch(seed)
        assert failure is None, failure


def test_code_is_right_where_python_drops_values_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that does not count references: a temporary is taken till the end of its instruction."""
    monkeypatch.setattr(Temporary, "__del__", lambda temporary: None)
    for seed in PROGRAM_SEEDS[:20]:
        failure = mismatch(seed)
        assert failure is None, failure


def test_the_programs_have_thousands_of_blocks_with_faults_and_stores_into_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks, faults, changed = 0, 0, 0
    translate = Translator.translate

    def count(
        translator: Translator, entry: int, mode: Mode, breakpoints: frozenset[int], link: int
    ) -> Region | None:
        nonlocal blocks
        region = translate(translator, entry, mode, breakpoints, link)
        blocks += len(region.entries) if region is not None else 0
        return region

    monkeypatch.setattr(Translator, "translate", count)
    part = PROGRAM_SEEDS[::PARTS]
    for seed in part:
        play = Play("translator", seed)
        before = bytes(play.guest.bus.sram.buffer[:0x1000])  # code in RAM
        faults += sum(seen.stop.vector in (Vector.ACCESS_ERROR, Vector.MISALIGNED) for seen in play.run())
        changed += play.guest.bus.sram.buffer[:0x1000] != before
    assert blocks * PARTS > 3000
    assert faults > len(part)
    assert changed > len(part) // 20
