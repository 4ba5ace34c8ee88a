"""What functions have executed, told apart by who called them: what profiles and flame graphs are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from emu.trace.calls import CallFinder, Switch
from emu.trace.names import Function
from emu.trace.selection import ALL, Selection
from emu.trace.trace import Trace

_NOBODY: Final = Function("", 0, 0)


class CallNode:
    """All calls of a function by the same callers, who were called by the same, and so on."""

    __slots__ = ("callees", "caller", "calls", "depth", "function", "own")

    def __init__(self, function: Function = _NOBODY, caller: CallNode | None = None) -> None:
        self.function = function
        self.caller = caller
        """None: this stands for who calls the first function."""
        self.depth: int = caller.depth + 1 if caller else 0
        """So many functions are on the stack."""
        self.callees: dict[Function, CallNode] = {}
        """In the order of their first calls."""
        self.calls = 0
        self.own = 0
        """Instructions that the function itself has executed."""

    def callee(self, function: Function) -> CallNode:
        """The calls of another function by this one."""
        if function not in self.callees:
            self.callees[function] = CallNode(function, self)
        return self.callees[function]

    def stack(self) -> list[Function]:
        """The functions on the stack, the first one first."""
        functions: list[Function] = []
        node: CallNode | None = self
        while node is not None and node.caller is not None:
            functions.append(node.function)
            node = node.caller
        return functions[::-1]

    def below(self) -> Iterator[CallNode]:
        """All calls that came of this one, callers before those whom they call."""
        waiting = list(reversed(self.callees.values()))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.callees.values()))


class CallTree:
    """The calls in a part of a trace: every instruction belongs to one node, if its function is wanted."""

    def __init__(self, trace: Trace, selection: Selection = ALL) -> None:
        self.contexts: dict[int, CallNode] = {}
        """What calls the first functions of each; see `calls.Change.context`."""
        latest: dict[int, CallNode] = {}
        current = 0
        running, executed = CallNode(), 0  # takes what was before the window
        for step in CallFinder(trace).steps(selection.window):
            if selection.has_function(running.function):
                running.own += step.executed - executed
            executed = step.executed
            if step.context not in latest:
                latest[step.context] = self.contexts[step.context] = CallNode()
            node = latest[step.context]
            if isinstance(step, Switch):
                current = step.context
            elif step.is_entry:
                latest[step.context] = node = node.callee(step.function)
                node.calls += 1
            else:
                latest[step.context] = node.caller or node
            running = latest[current]

    def nodes(self) -> Iterator[CallNode]:
        """The calls of all contexts."""
        return (node for root in self.contexts.values() for node in root.below())
