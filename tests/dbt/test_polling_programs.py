"""Random loops that poll: rounds left out against all of them executed. More: `python -m tests.dbt.fuzz`."""

from __future__ import annotations

import pytest
from dbt.polling_differential import PollingPlay, polling_mismatch
from support.seeds import PROGRAM_SEEDS

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


def test_many_of_the_loops_are_left_out_and_many_are_not() -> None:
    shares = []
    for seed in SEEDS[::3]:
        play = PollingPlay("translator", seed)
        play.run()
        shares.append(play.left_out / play.guest.engine.executed)
    assert sum(share > 0.5 for share in shares) > len(shares) // 4
    assert sum(share == 0 for share in shares) > len(shares) // 8
