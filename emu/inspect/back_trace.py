"""Who called whom: found on the stack, which C-SKY code keeps without frame pointers."""

from __future__ import annotations

from dataclasses import dataclass

from emu.inspect.program_view import ProgramView
from emu.isa.insn import Flow
from emu.loader import Symbol
from emu.report.calls import Frame

FRAMES_SHOWN = 16
WORDS_SEARCHED = 256
"""How far up the stack callers are looked for, unless its end is known."""


@dataclass(frozen=True, slots=True)
class _Call:
    address: int
    callee: Symbol | None
    """None for a call through a register, or to an unknown function."""


class BackTrace:
    """Scans the stack for return addresses: those behind a call instruction.

    Old ones may be left over in unused parts of frames. A direct call to the function of a frame found before
    proves those in between wrong; what nothing proves or disproves is marked.
    """

    def __init__(self, view: ProgramView) -> None:
        self._view = view
        self._frames: list[Frame] = []
        self._functions: list[Symbol | None] = []

    def find(self, pc: int, link: int, stack_pointer: int, stack_end: int | None = None) -> tuple[Frame, ...]:
        """The frames, innermost first."""
        self._add(pc, is_certain=True)
        call = self._call_before(link)
        inside = call is not None and self._view.symbol(call.address) == self._functions[0] is not None
        if call is not None and not inside:  # the function at pc, once it has called another, has saved it
            self._add(call.address, is_certain=call.callee is None or call.callee == self._functions[0])
        for address in range(stack_pointer & ~3, stack_end or self._stack_end(stack_pointer), 4):
            word = self._view.number(address)
            if word is None or len(self._frames) == FRAMES_SHOWN:
                break
            call = self._call_before(word)
            if call is not None and call.address != self._frames[-1].address:
                self._take(call)
        return tuple(self._frames)

    def _stack_end(self, stack_pointer: int) -> int:
        array = self._view.symbol(stack_pointer)
        return array.end if array else stack_pointer + 4 * WORDS_SEARCHED

    def _take(self, call: _Call) -> None:
        for index in reversed(range(len(self._frames))):
            if call.callee is not None and call.callee == self._functions[index]:
                del self._frames[index + 1 :], self._functions[index + 1 :]
                self._add(call.address, is_certain=self._frames[index].is_certain)
                return
            if self._frames[index].is_certain:
                break
        self._add(call.address, is_certain=False)

    def _add(self, address: int, *, is_certain: bool) -> None:
        self._frames.append(
            Frame(address, self._view.place(address), is_certain, self._view.describe(address))
        )
        self._functions.append(self._view.symbol(address))

    def _call_before(self, return_address: int) -> _Call | None:
        if return_address & 1:
            return None
        for size in (4, 2):
            instruction = self._view.instruction(return_address - size)
            if instruction is None or instruction.size_bytes != size or instruction.row is None:
                continue
            row, address = instruction.row, instruction.address
            if row.flow is Flow.CALL:
                target = row.target(address, row.decode(instruction.word))
                return _Call(address, self._view.symbol(target))
            if row.flow is Flow.INDIRECT_CALL:
                return _Call(address, None)
        return None
