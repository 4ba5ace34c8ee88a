"""Who called whom, exactly: by what the compiler says about every instruction (.debug_frame)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emu.inspect.call_sites import CallSite, call_before
from emu.inspect.program_view import ProgramView
from emu.isa.state import LINK, MASK32, SP
from emu.loader import FrameRules, RegisterRule, Where
from emu.report.calls import Frame

MOST_FRAMES: Final = 64
NOBODY: Final = (0, 0xFFFF_FFFE)
"""The return addresses where a stack ends; the second is that of the SDK's tasks (port.c)."""
_NOWHERE: Final = 0xFFFF_FFFF
_PRESERVED: Final = range(4, 12)
"""What a called function leaves as it was, or has a rule for (C-SKY V2 ABI, r4 to r11)."""
_JUST_ENTERED: Final = FrameRules(SP, 0, {}, LINK)


@dataclass(frozen=True, slots=True)
class Unwound:
    """The calls that are certain."""

    frames: tuple[Frame, ...]
    registers: dict[int, int]
    """In the last of the frames, as far as known."""
    is_whole: bool
    """Whether nobody has called the last one; else there are callers, but no rules that lead to them."""


class Unwinder:
    """Goes from a function to its caller by its rules, as long as what it finds makes sense.

    Neither damaged rules nor a damaged stack can do more than end the way.
    """

    def __init__(self, view: ProgramView) -> None:
        self._view = view

    def frames(self, pc: int, registers: Mapping[int, int]) -> tuple[Frame, ...]:
        """The calls that are certain, innermost first; the first is the instruction at pc."""
        return self.unwind(pc, registers).frames

    def unwind(self, pc: int, registers: Mapping[int, int], stack_end: int | None = None) -> Unwound:
        """The same, and how it ended. `registers` are r0 to r31, or as many as there are."""
        frames: list[Frame] = []
        address, known = pc, dict(registers)
        while True:
            rules = self._rules(address, known, is_innermost=not frames)
            cfa = None if rules is None else self._cfa(rules, known, stack_end)
            frames.append(self._frame(address, known, cfa))
            if rules is None or cfa is None:
                return Unwound(tuple(frames), known, is_whole=False)
            return_address = self._return_address(rules, cfa, known)
            if return_address in NOBODY or len(frames) == MOST_FRAMES:
                return Unwound(tuple(frames), known, is_whole=True)
            call = self._caller(address, return_address)
            if call is None or (len(frames) > 1 and not self._has_saved(rules, cfa, known)):
                return Unwound(tuple(frames), known, is_whole=False)
            address = call.address
            known = self._caller_registers(rules, cfa, known) | {LINK: return_address}

    def _frame(self, address: int, known: Mapping[int, int], cfa: int | None) -> Frame:
        names = {f"r{number}": value for number, value in sorted(known.items())}
        view = self._view
        return Frame(address, view.place(address), name=view.describe(address), cfa=cfa, registers=names)

    def _rules(self, address: int, known: Mapping[int, int], *, is_innermost: bool) -> FrameRules | None:
        rules = self._view.frame_rules(address)
        if rules is None and is_innermost and not self._is_code(address):
            call = call_before(self._view, known.get(LINK, 0))  # nothing was executed since
            return _JUST_ENTERED if call is not None and call.leads_to(address, known) else None
        return rules

    def _is_code(self, address: int) -> bool:
        instruction = self._view.instruction(address)
        return instruction is not None and instruction.row is not None

    def _cfa(self, rules: FrameRules, known: Mapping[int, int], stack_end: int | None) -> int | None:
        """The address of the frame; None if it cannot be: it lies in memory, above the stack pointer."""
        base, pointer = known.get(rules.base), known.get(SP)
        if base is None or pointer is None:
            return None
        cfa = base + rules.offset & MASK32
        is_inside = pointer <= cfa and (stack_end is None or cfa <= stack_end)
        is_memory = cfa == pointer or self._view.number(cfa - 4) is not None
        return cfa if not cfa & 3 and is_inside and is_memory else None

    def _has_saved(self, rules: FrameRules, cfa: int, known: Mapping[int, int]) -> bool:
        """Whether a function that has called another knows where it returns to; else the way has no end."""
        return rules.return_register in rules.registers and cfa > known[SP]

    def _return_address(self, rules: FrameRules, cfa: int, known: Mapping[int, int]) -> int:
        rule = rules.registers.get(rules.return_register)
        if rule is not None and rule.where is Where.UNKNOWN:
            return NOBODY[0]  # so the standard lets the outermost function say it
        found = known.get(rules.return_register) if rule is None else self._value(rule, cfa, known)
        return _NOWHERE if found is None else found

    def _caller(self, function: int, return_address: int) -> CallSite | None:
        """The call that returns there. Where a task begins, nobody has called it.

        Its return address is the start of a function then; the call before that belongs to another one.
        """
        call, symbol = call_before(self._view, return_address), self._view.symbol(return_address)
        is_start = symbol is not None and symbol.address == return_address
        is_other = call is None or call.callee is None or call.callee != self._view.symbol(function)
        return None if is_start and is_other else call

    def _caller_registers(self, rules: FrameRules, cfa: int, known: Mapping[int, int]) -> dict[int, int]:
        found = {number: known[number] for number in _PRESERVED if number in known}
        for number, rule in rules.registers.items():
            value = self._value(rule, cfa, known)
            if value is None:
                found.pop(number, None)
            else:
                found[number] = value
        return {SP: cfa} | found

    def _value(self, rule: RegisterRule, cfa: int, known: Mapping[int, int]) -> int | None:
        match rule.where:
            case Where.SAVED:
                return self._view.number(cfa + rule.number & MASK32)
            case Where.IS:
                return cfa + rule.number & MASK32
            case Where.REGISTER:
                return known.get(rule.number)
        return None
