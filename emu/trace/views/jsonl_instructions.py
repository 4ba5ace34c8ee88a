"""JSON Lines: an object for each instruction."""

from __future__ import annotations

import json

from emu.isa.disasm import disassemble
from emu.trace.flow import FlowPart, Window
from emu.trace.lines import Line
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, window: Window, write: Write) -> None:
    """See `View.show`."""
    lines: list[Line] | None = None
    texts: dict[int, list[str]] = {}
    for part in trace.parts(window):
        if part.lines is not lines:
            lines, texts = part.lines, {}
        for number, elapsed in zip(part.line_numbers.tolist(), part.elapsed.tolist(), strict=True):
            if number < 0:
                continue
            if number not in texts:
                texts[number] = _texts(trace, part, part.lines[number])
            cost = part.lines[number].cost // len(texts[number])
            for position, text in enumerate(texts[number]):
                write(f'{{"time_ns": {trace.times.begin_ns(elapsed + position * cost)}, {text}}}\n')


def _texts(trace: Trace, part: FlowPart, line: Line) -> list[str]:
    """What the objects of a line have in common each time it is executed."""
    texts = []
    for address in line.addresses:
        word = part.code.word(address)
        halfwords = (word >> 16, word & 0xFFFF) if word > 0xFFFF else (word, 0)
        function = trace.names.function(address, part.code).name
        text = disassemble(*halfwords, address)
        texts.append(f'"address": {address}, "function": {json.dumps(function)}, "text": {json.dumps(text)}')
    return texts
