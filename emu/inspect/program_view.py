"""The program being executed, to be looked at: names, source lines, instructions and plain memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emu.bus import Bus
from emu.inspect.symbol_choice import NO_PROGRAM, NamedProgram
from emu.isa.decode import decode, size_bytes
from emu.isa.disasm import disassemble
from emu.isa.insn import Insn
from emu.loader import FrameRules, Structure, Symbol, Symbols

SHOWN_BEFORE = 6
SHOWN_BEHIND = 4
_SEARCHED_BYTES = 4 * SHOWN_BEFORE


@dataclass(frozen=True, slots=True)
class LocatedInstruction:
    """An instruction in memory; `row` is None where there is none."""

    address: int
    word: int
    size_bytes: int
    row: Insn | None


class ProgramView:
    """Reads plain memory only: looking changes nothing, devices included.

    The first of the programs is the one that runs: what lies in RAM is its own. Of the others only the code
    is looked at.
    """

    def __init__(self, bus: Bus, programs: Sequence[NamedProgram]) -> None:
        self._bus = bus
        self._programs = programs or (NO_PROGRAM,)
        running, *others = self._programs
        code = (symbol for other in others for symbol in other.symbols if other.holds(symbol.address))
        self.symbols = Symbols([*running.symbols, *code]) if others else running.symbols

    @property
    def elf(self) -> bytes:
        """The ELF file of the program that runs; empty if it is from none."""
        return self._programs[0].elf

    def _program_at(self, address: int) -> NamedProgram:
        found = (program for program in self._programs if program.holds(address))
        return next(found, self._programs[0])

    def structures(self, address: int) -> dict[str, Structure]:
        """The data structures that the source file of an instruction knows."""
        return self._program_at(address).structures.at(address)

    def describe(self, address: int) -> str:
        """Symbol and offset of an address; empty where there is none."""
        return self.symbols.describe(address)

    def line(self, address: int) -> str:
        """`file:line` of an instruction; empty if unknown."""
        return self._program_at(address).lines.at(address) if self.symbols.at(address) else ""

    def frame_rules(self, address: int) -> FrameRules | None:
        """Where the function of an instruction has its caller's registers; None if unknown."""
        return self._program_at(address).call_frames.at(address) if self.symbols.at(address) else None

    def place(self, address: int) -> str:
        """The address with all that is known about it."""
        name, line = self.describe(address), self.line(address)
        return f"{address:#010x}" + (f" {name}" if name else "") + (f" at {line}" if line else "")

    def symbol(self, address: int) -> Symbol | None:
        """The symbol an address lies in."""
        found = self.symbols.at(address)
        return found[0] if found else None

    def read(self, address: int, size: int) -> bytes:
        """Bytes of plain memory; fewer, or none, where it ends."""
        region = self._bus.region_at(address)
        if region is None:
            return b""
        offset = address - region.base
        return bytes(region.buffer[offset : offset + size])

    def number(self, address: int, size: int = 4) -> int | None:
        """A number in plain memory; None where there is none."""
        data = self.read(address, size)
        return int.from_bytes(data, "little") if len(data) == size else None

    def instruction(self, address: int) -> LocatedInstruction | None:
        """The instruction at an address; None outside plain memory."""
        first = self.number(address, 2)
        if first is None:
            return None
        size = size_bytes(first)
        second = (self.number(address + 2, 2) or 0) if size == 4 else 0
        return LocatedInstruction(
            address, first << 16 | second if size == 4 else first, size, decode(first, second)
        )

    def text(self, instruction: LocatedInstruction) -> str:
        """Address, bits and disassembly."""
        high, low = instruction.word >> 16, instruction.word & 0xFFFF
        first, second = (high, low) if instruction.size_bytes == 4 else (low, 0)
        bits = f"{first:04x} {second:04x}" if instruction.size_bytes == 4 else f"{first:04x}"
        text = disassemble(
            first,
            second,
            instruction.address,
            literal=self.number,
            symbol=lambda at: self.describe(at) or None,
        )
        return f"{instruction.address:8x}:  {bits:<9}  {text}"

    def listing(self, pc: int) -> Iterator[str]:
        """Some instructions around `pc`, which is marked."""
        behind = self._from(pc, pc + 4 * SHOWN_BEHIND + 1)
        for instruction in self._before(pc) + behind[: SHOWN_BEHIND + 1]:
            yield ("=> " if instruction.address == pc else "   ") + self.text(instruction)

    def _before(self, pc: int) -> list[LocatedInstruction]:
        """The instructions that lead to `pc`: from the start of its function if the sizes tell so."""
        symbol = self.symbol(pc)
        lowest = max(pc - _SEARCHED_BYTES, symbol.address if symbol else 0)
        for start in [*([symbol.address] if symbol else []), *range(lowest, pc, 2)]:
            found = self._from(start, pc)
            if found and found[-1].address + found[-1].size_bytes == pc:
                return found[-SHOWN_BEFORE:]
        return []

    def _from(self, start: int, end: int) -> list[LocatedInstruction]:
        found = []
        while start < end and (instruction := self.instruction(start)) is not None:
            found.append(instruction)
            start += instruction.size_bytes
        return found
