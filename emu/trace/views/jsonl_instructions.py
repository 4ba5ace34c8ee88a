"""JSON Lines: an object for each instruction."""

from __future__ import annotations

import json

from emu.trace.lines import Code
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.each_instruction import disassembled, each_instruction
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""

    def tell(address: int, code: Code) -> str:
        function, text = trace.names.function(address, code).name, disassembled(address, code)
        return f'"address": {address}, "function": {json.dumps(function)}, "text": {json.dumps(text)}'

    for begin, _, text in each_instruction(trace, selection, tell):
        write(f'{{"time_ns": {trace.times.begin_ns(begin)}, {text}}}\n')
