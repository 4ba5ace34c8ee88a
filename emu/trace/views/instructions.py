"""A line of text for each instruction, from the flow alone."""

from __future__ import annotations

from emu.trace.lines import Code
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.each_instruction import disassembled, each_instruction
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""

    def tell(address: int, code: Code) -> str:
        return f"{address:08x} {trace.names.describe(address, code):28} {disassembled(address, code)}\n"

    for _, end, text in each_instruction(trace, selection, tell):
        write(f"{trace.times.time_ns(end):>14} {text}")
