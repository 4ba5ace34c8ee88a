"""Random loops that poll: rounds left out against all of them executed. More: `python -m tests.dbt.fuzz`."""

from __future__ import annotations

import pytest
from dbt.polling_differential import PollingPlay, polling_mismatch
from support.seeds import PROGRAM_SEEDS

from emu.dbt.engine import TranslatorEngine

PARTS = 4
SEEDS = PROGRAM_SEEDS[:60]


@pytest.mark.parametrize("part", range(PARTS))
def test_random_loops_do_the_same_with_rounds_left_out(part: int) -> None:
    for seed in SEEDS[part::PARTS]:
        failure = polling_mismatch(seed)
        assert failure is None, failure


def test_random_loops_do_the_same_as_in_the_interpreter() -> None:
    for seed in SEEDS[:4]:
        failure = polling_mismatch(seed, reference="interpreter")
        assert failure is None, failure


def test_many_of_the_loops_are_left_out_or_count_by_themselves_and_many_do_not() -> None:
    shares, counting = [], 0
    for seed in SEEDS[::2]:
        play = PollingPlay("translator", seed)
        play.run()
        engine = play.guest.engine
        assert isinstance(engine, TranslatorEngine)
        shares.append(play.left_out / engine.executed)
        counting += bool(engine._cache.counting)
    assert sum(share > 0.5 for share in shares) > len(shares) // 6
    assert sum(share == 0 for share in shares) > len(shares) // 8
    assert counting > len(shares) // 5
