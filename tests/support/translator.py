"""The engine of a machine, or of whatever has a board, where that is the translator."""

from __future__ import annotations

from typing import Protocol

from emu.dbt.engine import TranslatorEngine
from emu.machine.board import Board


class HasBoard(Protocol):
    """A machine, or a wait (polls.py)."""

    @property
    def board(self) -> Board: ...


def translator(chip: HasBoard) -> TranslatorEngine:
    engine = chip.board.core.engine
    assert isinstance(engine, TranslatorEngine)
    return engine


def accesses(chip: HasBoard) -> int:
    """How many of devices Python has answered."""
    return translator(chip)._host.accesses
