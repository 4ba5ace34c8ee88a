"""A table of functions: how often each was called, and how many instructions it has executed."""

from __future__ import annotations

from typing import Final

from emu.trace.call_tree import CallNode, CallTree
from emu.trace.names import Function
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write

_HEAD: Final = "          own  share         total  share      calls deepest  at          function\n"


class FunctionProfile:
    """What a function has done in all of its calls, in all contexts."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.calls = 0
        """Those that were on the stack where the trace, or its window, begins included."""
        self.own = 0
        """Instructions of its own; the sum of all functions is what was executed."""
        self.total = 0
        """With those of the functions that it has called; of a recursion counted once."""
        self.deepest = 0
        """The most functions on the stack when it was called, itself included."""


def profile_of(tree: CallTree) -> list[FunctionProfile]:
    """All functions, those with the most own instructions first."""
    profiles: dict[Function, FunctionProfile] = {}
    totals: dict[CallNode, int] = {}
    nodes = list(tree.nodes())
    for node in reversed(nodes):  # callees before callers
        totals[node] = node.own + sum(totals[callee] for callee in node.callees.values())
    for node in nodes:
        profile = profiles.setdefault(node.function, FunctionProfile(node.function))
        profile.calls += node.calls
        profile.own += node.own
        profile.deepest = max(profile.deepest, node.depth)
        if node.function not in node.stack()[:-1]:
            profile.total += totals[node]
    return sorted(profiles.values(), key=lambda profile: (-profile.own, profile.function))


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    profiles = profile_of(CallTree(trace, Selection(selection.window)))
    executed = sum(profile.own for profile in profiles)
    write(_HEAD)
    wanted = [profile for profile in profiles if selection.has_function(profile.function)]
    for each in wanted:
        own, total = (f"{count:>13,} {count / (executed or 1):>6.1%}" for count in (each.own, each.total))
        name, address, _ = each.function
        place = f"{address:#010x}" if address else ""
        write(f"{own} {total} {each.calls:>10,} {each.deepest:>7}  {place:10}  {name}\n")
    told = sum(profile.own for profile in wanted)
    of_all = "" if told == executed else f" of {executed:,}"
    write(f"{told:>13,}{of_all} instructions\n")
