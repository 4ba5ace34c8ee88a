"""The instructions of a trace one by one, for views that have a text for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from emu.isa.disasm import disassemble
from emu.trace.lines import Code, Line
from emu.trace.selection import Selection
from emu.trace.trace import Trace


class Told(NamedTuple):
    """An instruction that was executed."""

    begin: int
    """What had elapsed before it, and behind it."""
    end: int
    text: str


def each_instruction(trace: Trace, selection: Selection, tell: Callable[[int, Code], str]) -> Iterator[Told]:
    """All that are wanted, with what `tell` says of an address: asked once for the same code."""
    texts: dict[int, str | None] = {}  # None: not wanted
    lines: list[Line] | None = None
    for part in trace.parts(selection.window):
        if part.lines is not lines:
            lines, texts = part.lines, {}
        for number, elapsed in zip(part.line_numbers.tolist(), part.elapsed.tolist(), strict=True):
            if number < 0:
                continue
            line = part.lines[number]
            cost = line.cost // len(line.addresses)
            for address in line.addresses:
                if address not in texts:
                    is_wanted = selection.has(address, trace.names.function(address, part.code))
                    texts[address] = tell(address, part.code) if is_wanted else None
                text = texts[address]
                if text is not None:
                    yield Told(elapsed, elapsed + cost, text)
                elapsed += cost


def disassembled(address: int, code: Code) -> str:
    """The instruction at an address as text."""
    word = code.word(address)
    halfwords = (word >> 16, word & 0xFFFF) if word > 0xFFFF else (word, 0)
    return disassemble(*halfwords, address)
