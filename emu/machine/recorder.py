"""Keeps what a replay needs: where it begins, what came from outside, and hashes of the state on the way."""

from __future__ import annotations

from typing import NamedTuple

from emu.history.snapshot import Snapshot
from emu.machine.board import Board
from emu.machine.inputs import Input, Inputs
from emu.machine.state_tree import StateTree


class Mark(NamedTuple):
    """The state at a moment."""

    now_ns: int
    executed: int
    state_hash: str


class Recorder:
    """Records from `start` on. Without `hash_every_ns` there is nothing to do until the end."""

    def __init__(self, board: Board, state: StateTree, inputs: Inputs) -> None:
        self.beginning: Snapshot | None = None
        """None: nothing is recorded."""
        self.hash_every_ns: int | None = None
        self.marks: list[Mark] = []
        self.next_look_ns: int | None = None
        """When the next one is due, at the first check point then."""
        self.inputs = inputs
        self._board = board
        self._state = state

    def start(self, hash_every_ns: int | None = None, known: list[Input] | None = None) -> None:
        """Record anew from here; `known` are inputs of an earlier recording that will come again."""
        self.beginning = self._state.save()
        self.hash_every_ns = hash_every_ns
        self.marks = []
        self.inputs.record(known)
        self._plan()

    def go_back(self, inputs: int) -> None:
        """Behind a restore to a moment on the way: so many inputs had come."""
        self.inputs.go_back(inputs)
        self.marks = [mark for mark in self.marks if mark.now_ns <= self._board.clock.now_ns]
        self._plan()

    def look(self) -> None:
        """Behind a run of the core: make the mark that is due, if any."""
        core, now_ns = self._board.core, self._board.clock.now_ns
        if self.next_look_ns is not None and now_ns >= self.next_look_ns and core.is_at_check_point:
            self.marks.append(self.mark())
            self._plan()

    @property
    def is_at_check_point(self) -> bool:
        """Whether a run without breakpoints and steps could have ended here."""
        return self._board.core.is_at_check_point

    def mark(self) -> Mark:
        """The present state."""
        now = self._state.save()
        return Mark(now.now_ns, now.executed, now.state_hash())

    def _plan(self) -> None:
        every_ns, now_ns = self.hash_every_ns, self._board.clock.now_ns
        self.next_look_ns = None if every_ns is None else (now_ns // every_ns + 1) * every_ns
