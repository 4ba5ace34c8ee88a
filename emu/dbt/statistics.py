"""What the engine counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Statistics:
    """What the engine did, for `--stats`."""

    regions_translated: int = 0
    regions_from_cache: int = 0
    interpreted: int = 0
    host_runs: int = 0
    left_out: int = 0
    """Instructions of loops that only waited for a device."""
