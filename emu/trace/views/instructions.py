"""A line of text for each instruction, from the flow alone."""

from __future__ import annotations

from emu.isa.disasm import disassemble
from emu.trace.flow import Window
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, window: Window, write: Write) -> None:
    """See `View.show`."""
    texts: dict[int, str] = {}
    lines = None
    for part in trace.parts(window):
        if part.lines is not lines:
            lines, texts = part.lines, {}
        for number, elapsed in zip(part.line_numbers.tolist(), part.elapsed.tolist(), strict=True):
            if number < 0:
                continue
            line = part.lines[number]
            cost = line.cost // len(line.addresses)
            for address in line.addresses:
                elapsed += cost
                text = texts.get(address)
                if text is None:
                    word = part.code.word(address)
                    first, second = (word >> 16, word & 0xFFFF) if word > 0xFFFF else (word, 0)
                    place = trace.names.describe(address, part.code)
                    shown = disassemble(first, second, address)
                    text = texts[address] = f"{address:08x} {place:28} {shown}\n"
                write(f"{trace.times.time_ns(elapsed):>14} {text}")
