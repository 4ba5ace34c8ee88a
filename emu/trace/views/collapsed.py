"""Collapsed stacks, the text that flame graphs are made of: `context;caller;callee instructions`.

Source of the form: README of Brendan Gregg's FlameGraph.
"""

from __future__ import annotations

from collections import Counter

from emu.trace.call_tree import CallTree
from emu.trace.selection import ALL, Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    for stack, count in stacks_of(trace, selection).items():
        if count:
            write(f"{stack} {count}\n")


def stacks_of(trace: Trace, selection: Selection = ALL) -> Counter[str]:
    """Instructions by stack; some have executed none of their own."""
    instructions: Counter[str] = Counter()  # functions of the same name make the same stack
    for context, root in CallTree(trace, selection).contexts.items():
        for node in root.below():
            names = trace.context_name(context), *(function.name for function in node.stack())
            instructions[";".join(name.replace(";", ",") for name in names)] += node.own
    return instructions
