"""The whole state of a machine, as a tree with one owner a branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from emu.history.snapshot import Snapshot
from emu.machine.board import Board
from emu.machine.errors import MachineError


class Part(Protocol):
    """What owns a branch of the tree."""

    def save(self) -> Any:
        """Take a snapshot as plain data and reports, between runs; what can change is copied."""
        ...

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot, which stays as it is; nobody is told."""


class StateTree:
    """Takes snapshots of all parts together, and puts them back in the order of the parts."""

    def __init__(self, board: Board, parts: Mapping[str, Part], before: Mapping[str, Part]) -> None:
        """`before`: what has to be back before the chip."""
        self._board = board
        self._parts: dict[str, Part] = {**before, "chip": board, **parts}

    def save(self) -> Snapshot:
        """Take a snapshot of the whole machine, between runs."""
        state = {name: part.save() for name, part in self._parts.items()}
        board = self._board
        return Snapshot(board.clock.now_ns, board.core.engine.executed, board.identity, state)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, between runs; MachineError if it is of another board."""
        for name, value in self._board.identity.items():
            if (other := snapshot.board.get(name)) != value:
                raise MachineError(f"the snapshot is of another machine: {name} {other}, here {value}")
        for name, part in self._parts.items():
            part.restore(snapshot.state[name])
