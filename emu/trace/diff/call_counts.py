"""How often the functions of a run were called, what their calls have cost, and which task ran when."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from emu.trace.calls import CallFinder, Change, Switch
from emu.trace.trace import Trace


class FunctionKey(NamedTuple):
    """A function, in tasks or in handlers of exceptions."""

    name: str
    in_handler: bool


class Stretch(NamedTuple):
    """A context runs until so many instructions were executed."""

    context: int
    until: int


@dataclass(slots=True)
class _Context:
    """A task or a handler."""

    executed: int = 0
    """In this context; others that come in between do not count."""
    entries: list[int] = field(default_factory=list)
    """What was executed when each function that has not returned was entered."""
    active: Counter[str] = field(default_factory=Counter)


class CallCounts:
    """Of a whole trace."""

    def __init__(self, trace: Trace) -> None:
        self.calls: Counter[FunctionKey] = Counter()
        self.totals: Counter[FunctionKey] = Counter()
        """Instructions between entry and return; of calls inside of each other those of the outer one."""
        self.stretches: list[Stretch] = []
        """In their order."""
        self._contexts: defaultdict[int, _Context] = defaultdict(_Context)
        self._executed = trace.begins.executed
        running = 0
        for step in CallFinder(trace).steps():
            self._ran(running, step.executed)
            if isinstance(step, Switch):
                running = step.context
            elif step.is_entry:
                self._enter(step)
            else:
                self._leave(step)
        self._ran(running, trace.ends.executed)

    def _ran(self, number: int, executed: int) -> None:
        if executed > self._executed:
            self._contexts[number].executed += executed - self._executed
            if self.stretches and self.stretches[-1].context == number:
                self.stretches.pop()
            self.stretches.append(Stretch(number, executed))
            self._executed = executed

    def _enter(self, change: Change) -> None:
        context, name = self._contexts[change.context], change.function.name
        self.calls[FunctionKey(name, change.context < 0)] += 1
        context.entries.append(context.executed)
        context.active[name] += 1

    def _leave(self, change: Change) -> None:
        context, name = self._contexts[change.context], change.function.name
        entered = context.entries.pop()
        context.active[name] -= 1
        if not context.active[name]:
            self.totals[FunctionKey(name, change.context < 0)] += context.executed - entered
