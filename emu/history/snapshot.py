"""`Snapshot`: a whole machine at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What `Machine.snapshot` gives and `Machine.restore` takes, as often as wanted.

    Snapshots share the memory pages that are equal; dropping one gives back what only it holds.
    """

    now_ns: int
    """Virtual nanoseconds since power-on."""
    executed: int
    """Instructions executed until then."""
    board: dict[str, Any]
    """What the chip is; another chip cannot be put there."""
    state: dict[str, Any]
    """The state tree: what each part of the machine gave as its own, the chip under `chip`."""

    def state_hash(self) -> str:
        """SHA-256 of the chip with its memories and its power, as 64 hexadecimal digits; equal on both engines."""
        from emu.history.encoding import digest  # few ask

        return digest({name: self.state[name] for name in ("chip", "power")})

    def __repr__(self) -> str:
        return f"<Snapshot at {self.now_ns / 1e9:.6f} s, {self.executed:,} instructions>"
