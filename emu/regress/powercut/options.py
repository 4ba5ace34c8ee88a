"""What a sweep is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from emu.regress.powercut.torn import NAMES


@dataclass(frozen=True, slots=True)
class CutOptions:
    """What cuts leave."""

    models: frozenset[str] = frozenset(NAMES)
    """Names of torn writes."""
    seed: int = 0
    merge: bool = True
    """Whether a run ends where it comes to a state that another one has been in."""


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """Which cuts are made, and by how many."""

    second_cuts: int = 0
    """How many second cuts, while the device recovers from a first one, are made."""
    jobs: int = 1
    cluster: str = ""
    """Address of the scheduler of a Dask cluster that does the work."""
    shard: tuple[int, int] = (1, 1)
    """Which part of how many."""
