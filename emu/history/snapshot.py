"""`Snapshot`: a whole machine at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_OF_THE_RUN = (("loop", "slice_end"), ("loop", "reported_at"), ("engine", "limit"))
"""What tells where a run was to end, and whether at a breakpoint: it depends on who watches."""
_INNER = frozenset((dict, list, tuple))


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

    def tree(self) -> dict[str, Any]:
        """It as plain data and reports, for a file."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, tree: dict[str, Any]) -> Snapshot:
        """The snapshot of a `tree`."""
        return cls(**tree)

    def state_hash(self) -> str:
        """SHA-256 of chip, memories, power and parts, as hexadecimal digits; equal on both engines."""
        from emu.history.encoding import digest  # few ask

        chip = self.state["chip"]
        core = {name: dict(part) for name, part in chip["core"].items()}
        for name, unseen in _OF_THE_RUN:
            del core[name][unseen]
        others = {name: self.state[name] for name in ("power", "attached", "pins", "parts")}
        return digest({"chip": {**chip, "core": core}, **others})

    def pages(self) -> frozenset[int]:
        """The identities of the memory pages that it holds, 4 KiB each; shared ones have the same."""
        return frozenset(map(id, _pages(self.state)))

    def __repr__(self) -> str:
        return f"<Snapshot at {self.now_ns / 1e9:.6f} s, {self.executed:,} instructions>"


def _pages(tree: dict[str, Any]) -> list[bytes]:
    """The bytes in the tuples of a tree: such are the copies of memories."""
    pages: list[bytes] = []
    parts: list[Any] = [tree]
    while parts:
        part = parts.pop()
        if type(part) is dict:
            parts += [each for each in part.values() if type(each) in _INNER]
        elif type(part) is list:  # most are of numbers
            parts += part if part and type(part[0]) in _INNER else ()
        elif part and type(part[0]) is bytes:
            pages += part
    return pages
