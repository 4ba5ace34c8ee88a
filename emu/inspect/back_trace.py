"""Who called whom: exactly as far as the compiler tells how, by guess from there on."""

from __future__ import annotations

from collections.abc import Mapping

from emu.inspect.call_sites import CallSite, call_before
from emu.inspect.program_view import ProgramView
from emu.inspect.unwind import Unwinder
from emu.isa.state import LINK, SP
from emu.loader import Symbol
from emu.report.calls import Frame

FRAMES_GUESSED = 16
"""So many frames in all: with more of them, no further ones are guessed."""
WORDS_SEARCHED = 256
"""How far up the stack callers are looked for, unless its end is known."""


class BackTrace:
    """Unwinds the stack; from a function without rules on, scans it for return addresses, behind calls.

    Old ones may be left over in unused parts of frames. A direct call to the function of a frame found before
    proves those in between wrong; what nothing proves or disproves is marked.
    """

    def __init__(self, view: ProgramView) -> None:
        self._view = view
        self._frames: list[Frame] = []
        self._functions: list[Symbol | None] = []

    def find(self, pc: int, registers: Mapping[int, int], stack_end: int | None = None) -> tuple[Frame, ...]:
        """The frames, innermost first. `registers` are r0 to r31, or as many as there are."""
        exact = Unwinder(self._view).unwind(pc, registers, stack_end)
        self._frames = list(exact.frames)
        self._functions = [self._view.symbol(frame.address) for frame in exact.frames]
        if not exact.is_whole:
            if len(self._frames) == 1:
                self._take_link(registers.get(LINK, 0))
            last = exact.frames[-1]
            self._scan(exact.registers.get(SP, 0) if last.cfa is None else last.cfa, stack_end)
        return tuple(self._frames)

    def _take_link(self, link: int) -> None:
        """The function at pc, once it has called another, has saved its link register."""
        call, function = call_before(self._view, link), self._functions[0]
        inside = call is not None and self._view.symbol(call.address) == function is not None
        if call is not None and not inside:
            self._add(call.address, is_certain=call.callee is None or call.callee == function)

    def _scan(self, start: int, end: int | None) -> None:
        for address in range(start & ~3, end or self._stack_end(start), 4):
            word = self._view.number(address)
            if word is None or len(self._frames) >= FRAMES_GUESSED:
                break
            call = call_before(self._view, word)
            if call is not None and call.address != self._frames[-1].address:
                self._take(call)

    def _stack_end(self, stack_pointer: int) -> int:
        array = self._view.symbol(stack_pointer)
        return array.end if array else stack_pointer + 4 * WORDS_SEARCHED

    def _take(self, call: CallSite) -> None:
        for index in reversed(range(len(self._frames))):
            if call.callee is not None and call.callee == self._functions[index]:
                del self._frames[index + 1 :], self._functions[index + 1 :]
                self._add(call.address, is_certain=self._frames[index].is_certain)
                return
            if self._frames[index].is_certain:
                break
        self._add(call.address, is_certain=False)

    def _add(self, address: int, *, is_certain: bool) -> None:
        view = self._view
        self._frames.append(Frame(address, view.place(address), is_certain, view.describe(address)))
        self._functions.append(view.symbol(address))
