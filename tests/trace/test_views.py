"""Views that tell instructions."""

from __future__ import annotations

import pytest

import emu.trace
from emu import Machine
from emu.loader.errors import LoadError
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.table import VIEWS

US = 1_000
BEGIN_NS, END_NS = 69_897_000, 70_100_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    path = tmp_path_factory.mktemp("traces") / "demo.trace"
    with Machine.load(cache=False) as machine, emu.trace.record(machine, path):
        machine.run(80_000 * US)
    return emu.trace.open(path)


def shown(trace: Trace, view: str, from_ns: int | None = BEGIN_NS, to_ns: int | None = END_NS) -> list[str]:
    texts: list[str] = []
    VIEWS[view].show(trace, Selection(trace.window(from_ns, to_ns)), lambda text: texts.append(str(text)))
    return "".join(texts).splitlines()


@pytest.fixture(scope="module")
def interpreted() -> list[str]:
    """What a trace of the interpreter as text has always told."""
    lines: list[str] = []
    machine = Machine.load(cache=False, engine="interpreter")
    machine.run(BEGIN_NS)
    machine.trace(lambda line: lines.append(line.rstrip("\n")))
    machine.run(END_NS - BEGIN_NS)
    return lines


def test_the_text_of_a_window_is_that_of_the_interpreter(demo: Trace, interpreted: list[str]) -> None:
    told = shown(demo, "text")
    assert len(told) > 1000
    begin = interpreted.index(told[0])
    assert interpreted[begin : begin + len(told)] == told


def test_instructions_have_times_and_places_without_a_replay(demo: Trace, interpreted: list[str]) -> None:
    plain = [line for line in interpreted if " -- " not in line]
    told = shown(demo, "instructions")
    begin = next(at for at, line in enumerate(plain) if line.startswith(told[0].rstrip()))
    for one, other in zip(told, plain[begin:], strict=False):
        assert other.startswith(one.rstrip())


def test_accesses_tell_registers_and_fields(demo: Trace) -> None:
    told = [line.strip() for line in shown(demo, "accesses")]
    assert "[40000e00] -> 003fffff rcc.clock_enable gates=0x3fffff" in told
    assert any(line.startswith("[40010600] <- ") and "uart0.line_control" in line for line in told)


def test_calls_are_indented(demo: Trace) -> None:
    told = [line[15:] for line in shown(demo, "calls", None, None)]
    assert "reset_handler" in told
    assert told.index("  system_start") < told.index("    clock_start")


def test_without_numpy_it_says_what_to_install(demo: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith("emu.trace.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(LoadError, match=r"pip install 'w800emu\[trace\]'"):
        emu.trace.open("x.trace")
