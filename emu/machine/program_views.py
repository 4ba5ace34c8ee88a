"""Which program the next instruction belongs to."""

from __future__ import annotations

from emu.inspect.program_view import ProgramView
from emu.inspect.symbol_choice import NO_PROGRAM, NamedProgram, SymbolChoice
from emu.machine.board import Board


class ProgramViews:
    """Finds out what is in the flash and which program runs, whenever somebody looks."""

    def __init__(self, board: Board, choice: SymbolChoice) -> None:
        self._board = board
        self._choice = choice
        self._is_current = False
        board.flash.changed.internal.append(self._forget)
        self._present: tuple[NamedProgram, ...] = ()
        self._views: dict[NamedProgram, ProgramView] = {}

    def now(self) -> ProgramView:
        """The view of the program that the next instruction belongs to; else of the first that is there."""
        if not self._is_current:
            self._is_current = True
            self._present = self._choice.present(bytes(self._board.flash.contents))
            self._views.clear()
        pc = self._board.core.engine.current_pc
        running = next((program for program in self._present if program.holds(pc)), NO_PROGRAM)
        if running not in self._views:
            others = (program for program in self._present if program is not running)
            known = () if running is NO_PROGRAM else (running,)
            self._views[running] = ProgramView(self._board.bus, (*known, *others))
        return self._views[running]

    def _forget(self, _offset: int, _size_bytes: int) -> None:
        self._is_current = False
