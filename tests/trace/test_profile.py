"""The profile of a trace is exact."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support.traces import MS, PROGRAMS, load, shown, trace_of

from emu.engine.interpreter_engine import InterpreterEngine
from emu.loader.symbols import Symbols
from emu.trace.call_tree import CallTree
from emu.trace.names import NAMELESS
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.profile import FunctionProfile, profile_of


class CountingObserver:
    """Counts the instructions of each function, and how often its first one was executed."""

    def __init__(self, symbols: Symbols) -> None:
        self.own: Counter[str] = Counter()
        self.begun: Counter[str] = Counter()
        self._symbols = symbols

    def retired(self, pc: int) -> None:
        found = self._symbols.at(pc)
        name = found[0].name if found else NAMELESS
        self.own[name] += 1
        self.begun[name] += bool(found and found[1] == 0)


def counted(program: Path, time_ns: int) -> CountingObserver:
    """What the interpreter executes of a program, instruction by instruction."""
    machine = load(program, "interpreter")
    engine = machine.board.core.engine
    assert isinstance(engine, InterpreterEngine)
    engine.observer = observer = CountingObserver(machine.symbols)
    machine.run(time_ns)
    return observer


def by_name(trace: Trace, window: tuple[int | None, int | None] = (None, None)) -> dict[str, FunctionProfile]:
    return {
        each.function.name: each for each in profile_of(CallTree(trace, Selection(trace.window(*window))))
    }


@pytest.mark.parametrize("name", ["traced", "interrupts", "exceptions"])
def test_instructions_are_those_that_the_interpreter_counts(tmp_path: Path, name: str) -> None:
    program = PROGRAMS / f"{name}.elf"
    profile = by_name(trace_of(load(program), tmp_path / "x.trace", 300 * MS))
    observer = counted(program, 300 * MS)
    assert {name: each.own for name, each in profile.items()} == observer.own


def test_calls_totals_and_depths_are_those_of_the_source(traced: Trace) -> None:
    profile = by_name(traced)
    observer = counted(PROGRAMS / "traced.elf", 300 * MS)
    assert [profile[name].calls for name in ("branch", "leaf", "left", "right")] == [63, 8, 1, 1]
    assert [profile[name].calls for name in ("produce", "consume", "idle")] == [4, 4, 1]
    for name in ("leaf", "memcpy", "flash_command", "produce", "on_tick", "task_switch_entry"):
        assert profile[name].calls == observer.begun[name]
    assert profile["branch"].total == profile["branch"].own  # recursion counts once
    assert profile["right"].total == profile["right"].own + 5 * profile["leaf"].own // 8
    assert profile["branch"].deepest == profile["app_main"].deepest + 6
    assert [profile[name].deepest for name in ("consumer", "consume")] == [1, 2]


def test_two_halves_have_the_instructions_of_the_whole(traced: Trace) -> None:
    for middle_ns in range(70 * MS, 80 * MS, 1_234_567):
        halves = [by_name(traced, window) for window in ((None, middle_ns), (middle_ns, None))]
        own = sum((Counter({name: each.own for name, each in half.items()}) for half in halves), Counter())
        assert own == Counter({name: each.own for name, each in by_name(traced).items()})


def test_the_table_ends_with_the_sum(traced: Trace) -> None:
    (first, *rows, last) = shown(traced, "profile").decode().splitlines()
    assert first.split() == ["own", "share", "total", "share", "calls", "deepest", "at", "function"]
    assert last == f"{traced.ends.executed:>13,} instructions"
    assert sum(int(row.split()[0].replace(",", "")) for row in rows) == traced.ends.executed
    assert sum(float(row.split()[1].rstrip("%")) for row in rows) == pytest.approx(100, abs=3)
