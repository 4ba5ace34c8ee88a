"""Questions to a trace, with answers that are known from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

import emu.trace
from emu import Machine
from emu.cli.__main__ import run_command_line
from emu.memory_map import FLASH_BASE
from emu.report.access import WatchedAccess
from emu.trace.calls import Change, Switch
from emu.trace.layout import EventKind
from emu.trace.names import Function
from emu.trace.places import PlaceError, find_place, find_window
from emu.trace.questions import callers, flash_writes, writes
from emu.trace.trace import Event, Trace
from emu.trace.window import EVERYTHING

APP_OTA = 0x13_1000


@pytest.fixture(scope="module")
def demo_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("traces") / "demo.trace"
    with Machine.load(cache=False) as machine, emu.trace.record(machine, path):
        machine.run(3_050_000_000)
    return path


@pytest.fixture
def demo(demo_path: Path) -> Trace:
    return emu.trace.open(demo_path)


@pytest.mark.parametrize("where", ["uart0.line_control", 0x4001_0600])
def test_writes_are_those_that_a_watchpoint_hears_of(demo: Trace, where: str | int) -> None:
    heard: list[WatchedAccess] = []
    with Machine.load(cache=False) as machine:
        machine.watch(where, kind="write", callback=heard.append)
        machine.run(3_050_000_000)
    assert heard
    assert writes(demo, where, None, EVERYTHING) == heard


def test_callers_count_what_a_hook_counts(demo: Trace) -> None:
    called = []
    with Machine.load(cache=False) as machine:
        machine.hook("flash_erase", lambda it: called.append(it.now_ns))
        machine.run(3_050_000_000)
    found = callers(demo, "flash_erase")
    assert sum(found.values()) == len(called) == sum(callers(demo, "flash_er?se").values())
    assert any("wm_ota_ops_begin" in stack for stack in found)
    assert not callers(demo, "nobody_calls_me")


def test_operations_of_the_flash_have_those_who_were_at_it(demo: Trace) -> None:
    changed = list(flash_writes(demo, APP_OTA, 1, EVERYTHING))
    kinds = EventKind.ERASE, EventKind.PROGRAM
    events = [event for event in demo.events() if event.kind in kinds and event.first == APP_OTA]
    assert [write.time_ns for write in changed] == [event.time_ns for event in events]
    assert changed[0].is_erase
    assert changed[0].stack[-1] == "flash_command"
    assert "wm_ota_ops_begin" in changed[0].stack


def test_an_interrupt_that_has_returned_was_not_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, writes, ticks = -58, Function("writes", 0x100, 0), Function("ticks", 0x200, 0)
    steps = [
        Switch(0, 0, 0),
        Change(0, 0, True, 0, writes),
        Switch(10, 10, handler),
        Change(10, 10, True, handler, ticks),
        Change(20, 20, False, handler, ticks),
        Switch(20, 20, 0),
        Change(40, 40, False, 0, writes),
    ]

    class Finder:
        def __init__(self, trace: Trace) -> None:
            self.steps = lambda window: steps

    class Fake:
        def events(self) -> list[Event]:
            return [Event(0, elapsed, elapsed, EventKind.ERASE, 0, 0x1000) for elapsed in (5, 15, 30)]

        def context_name(self, context: int) -> str:
            return "handler" if context < 0 else "main"

    monkeypatch.setattr("emu.trace.questions.CallFinder", Finder)
    stacks = [write.stack for write in flash_writes(Fake(), 0, 1, EVERYTHING)]  # type: ignore[arg-type]
    assert stacks == [("main", "writes"), ("handler", "ticks"), ("main", "writes")]


def test_places_are_found_by_what_happens(demo: Trace) -> None:
    reset = find_place(demo, "reset")
    begun, prompt = (find_place(demo, f"text:{text}") for text in ("build at", "atcmd init finished"))
    assert find_place(demo, "call:app_main") < begun < reset < prompt
    assert begun - 1000 < find_place(demo, "call:wm_ota_ops_begin") < reset
    assert find_place(demo, "text:build at#2") > reset
    assert find_window(demo, "reset", None) == (reset, EVERYTHING.end)
    assert demo.times.time_ns(find_place(demo, "100ms")) <= 100_000_000
    for place in ("text:never", "call:app_main#99", "reset#2"):
        with pytest.raises(PlaceError, match="does not come in this trace"):
            find_place(demo, place)
    with pytest.raises(PlaceError, match="'soon' is none of TIME"):
        find_place(demo, "soon")


def test_the_command_line_answers(demo_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(demo_path)

    def told(*arguments: str) -> str:
        assert run_command_line(["trace", path, *arguments]) == 0
        return capsys.readouterr().out

    assert "wm_ota_ops_begin > flash_erase" in told("--callers", "flash_erase")
    assert "erased after 0.07" in told("--writes", hex(FLASH_BASE + APP_OTA)).splitlines()[0]
    assert "(uart_start+" in told("--writes", "uart0.line_control", "--size", "4")
    assert told("--callers", "nobody") == "nobody has called nobody\n"
    assert told("--writes", "0x08100000") == "nobody has changed 0x1 bytes from 0x08100000\n"
    assert told("--writes", "uart5.line_control") == "nobody has written to uart5.line_control\n"
    calls = told("--format", "calls", "--from", "call:app_main", "--to", "reset")
    assert calls.splitlines()[1].endswith(" app_main")
    for wrong in (["--callers", "x", "--check"], ["--from", "soon"], ["--format", "pictures"]):
        assert run_command_line(["trace", path, *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1
