"""Names of the code in a trace: those of the program that was there at the time."""

from __future__ import annotations

from typing import Any, NamedTuple

from emu.inspect.symbol_choice import NO_PROGRAM, NamedProgram
from emu.machine.setup import programs_of
from emu.trace.lines import Code

NAMELESS = "(no name)"


class Function(NamedTuple):
    """A function of a program."""

    name: str
    address: int
    """0 if it has no name: where such a function begins is not known."""
    program: int
    """Its number."""


class Names:
    """The programs that a machine knew, and which of them an address belongs to."""

    def __init__(self, made_from: dict[str, Any] | None) -> None:
        self.programs: tuple[NamedProgram, ...] = programs_of(made_from) if made_from else ()
        self.programs = self.programs or (NO_PROGRAM,)
        self._running = 0
        self._known: dict[int, Function] = {}

    def code_changed(self) -> None:
        """Other programs may be there."""
        self._known = {}

    def function(self, address: int, code: Code) -> Function:
        """The function that an instruction is in."""
        known = self._known.get(address)
        if known is None:
            number = self._program_at(address, code) if code.holds(address) else self._running
            found = self.programs[number].symbols.at(address)
            symbol = found[0] if found else None
            name, start = (symbol.name, symbol.address) if symbol else (NAMELESS, 0)
            known = self._known[address] = Function(name, start, number)
        return known

    def describe(self, address: int, code: Code) -> str:
        """Function and offset; empty where there is no name."""
        function = self.function(address, code)
        if function.name == NAMELESS:
            return ""
        offset = address - function.address
        return f"{function.name}+{offset:#x}" if offset else function.name

    def _program_at(self, address: int, code: Code) -> int:
        """Its number; of those with the same bytes, and for code in RAM, the one that ran last."""
        if not any(program.holds(address) for program in self.programs):
            return self._running
        numbers: list[int] = [self._running, *range(len(self.programs))]
        for number in numbers:
            program = self.programs[number]
            offset = address - program.address
            word = program.contents[offset : offset + 2]  # of what was not executed nothing is known
            if program.holds(address) and code.bytes_at(address, 2) == word:
                self._running = number
                return number
        return self._running
