"""Random programs: the translator against the interpreter. More of them: `python -m tests.dbt.fuzz`.

Both back ends share the semantic functions, so this finds mistakes of the emitter, the builder and the
engine; the meaning itself is pinned by the vectors (tests/isa).
"""

from __future__ import annotations

import pytest
from dbt.differential import mismatch

PROGRAMS = 40  # a test


@pytest.mark.parametrize("first_seed", range(20_261_123, 20_261_123 + 5 * PROGRAMS, PROGRAMS))
def test_random_programs_do_the_same_on_both_engines(first_seed: int) -> None:
    for seed in range(first_seed, first_seed + PROGRAMS):
        assert mismatch(seed) is None
