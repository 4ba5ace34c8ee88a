"""A part of a trace is what was asked for: in time by what happens, in the code by functions and addresses."""

from __future__ import annotations

import json
from collections import Counter
from fnmatch import fnmatchcase

import pytest
from support.traces import PROGRAMS, load, shown

import emu.trace
from emu.cli.__main__ import run_command_line
from emu.trace.calls import CallFinder
from emu.trace.layout import EventKind
from emu.trace.places import PlaceError, find_place, find_window
from emu.trace.selection import ALL, Selection, SelectionError, parse_addresses
from emu.trace.trace import Trace
from emu.trace.views.table import LEVELS, VIEWS

LEAVES = Selection(functions=("leaf", "l?ft"))


def text(trace: Trace, form: str, selection: Selection = ALL) -> list[str]:
    return shown(trace, form, selection).decode().splitlines()


def test_instructions_are_those_of_the_functions(traced: Trace) -> None:
    symbols = load(PROGRAMS / "traced.elf").symbols
    inside = {
        at for at in traced.instructions() if symbols.describe(at).partition("+")[0] in ("leaf", "left")
    }
    expected = [at for at in traced.instructions() if at in inside]
    assert list(traced.instructions(LEAVES)) == expected
    assert expected
    for form in ("instructions", "text", "memory", "accesses"):
        lines = [line for line in text(traced, form, LEAVES) if " [" not in line and " -- " not in line]
        assert [int(line.split()[1], 16) for line in lines] == expected
    objects = [json.loads(line) for line in text(traced, "jsonl_instructions", LEAVES)]
    assert [each["address"] for each in objects] == expected


def test_what_another_instruction_has_changed_is_not_told(traced: Trace) -> None:
    of_all = text(traced, "text")
    assert text(traced, "text", LEAVES) == [
        line for line in of_all if line.split()[2].startswith(("leaf", "left"))
    ]


def test_addresses_choose_instructions(traced: Trace) -> None:
    leaf = load(PROGRAMS / "traced.elf").symbols["leaf"].address
    selection = Selection(addresses=((leaf, leaf + 2),))
    assert set(traced.instructions(selection)) == {leaf}
    assert len(list(traced.instructions(selection))) == 8
    assert {line.split()[-1] for line in text(traced, "calls", selection)[1:]} == {"leaf"}


def test_calls_are_those_of_the_functions(traced: Trace) -> None:
    called = Counter(
        change.function.name
        for change in CallFinder(traced).changes()
        if change.is_entry and fnmatchcase(change.function.name, "l*")
    )
    selection = Selection(functions=("l*",))
    assert called["leaf"] == 8
    assert (
        Counter(line.split()[-1] for line in text(traced, "calls", selection) if "--" not in line) == called
    )
    objects = [json.loads(line) for line in text(traced, "jsonl", selection)]
    assert Counter(each["function"] for each in objects if each["kind"] == "call") == called
    profile = {line.split()[-1]: line.split()[4] for line in text(traced, "profile", selection)[1:-1]}
    assert profile == {name: f"{number:,}" for name, number in called.items()}


def test_stacks_count_what_the_functions_themselves_have_executed(traced: Trace) -> None:
    stacks = text(traced, "collapsed", LEAVES)
    assert {stack.split()[-2].rpartition(";")[2] for stack in stacks} == {"leaf", "left"}
    total = sum(int(stack.split()[-1]) for stack in stacks)
    assert total == len(list(traced.instructions(LEAVES)))
    assert text(traced, "profile", LEAVES)[-1].split()[0] == f"{total:,}"
    assert f"{total:,} instructions" in shown(traced, "flamegraph", LEAVES).decode()
    speedscope = json.loads(shown(traced, "speedscope", LEAVES))
    assert sum(profile["endValue"] for profile in speedscope["profiles"]) == total


@pytest.mark.parametrize("form", VIEWS)
def test_each_view_tells_less_or_says_that_it_cannot(traced: Trace, form: str) -> None:
    nothing = Selection(functions=("no_such_function",))
    if VIEWS[form].tells_code:
        assert b"leaf" not in shown(traced, form, nothing)
    else:
        with pytest.raises(SelectionError, match="tells no functions"):
            shown(traced, form, nothing)


def test_blocks_are_the_instructions_of_the_trace(traced: Trace) -> None:
    blocks = [line.split() for line in text(traced, "blocks")]
    assert sum(int(block[2]) for block in blocks) == traced.ends.executed
    instructions = iter(traced.instructions())
    for _, place, number, *_ in blocks:
        begin, end = (int(address, 16) for address in place.split("-"))
        addresses = [next(instructions) for _ in range(int(number))]
        assert addresses[0] == begin
        assert end - addresses[-1] in (2, 4)


def test_events_have_all_that_happens(traced: Trace) -> None:
    events = [line.split(maxsplit=2) for line in text(traced, "events")]
    assert [event[2] for event in events if event[1] == "UART0"] == ["begin", "end"]
    kinds = EventKind.ERASE, EventKind.PROGRAM
    expected_ns = [event.time_ns for event in traced.events() if event.kind in kinds]
    assert [int(event[0]) for event in events if event[1] == "flash"] == expected_ns
    running = [event[2] for event in events if event[1] == "running"]
    taken = [event for event in traced.events() if event.kind is EventKind.EXCEPTION]
    assert sum(name.startswith(("interrupt", "exception")) for name in running) == len(taken)
    assert {"main task", "producer", "consumer", "IDLE"} <= set(running)
    times_ns = [int(event[0]) for event in events]
    assert times_ns == sorted(times_ns)


def test_places_are_entries_returns_instructions_and_tasks(traced: Trace) -> None:
    symbols = load(PROGRAMS / "traced.elf").symbols
    changes = [change for change in CallFinder(traced).changes() if change.function.name == "right"]
    assert [find_place(traced, f"{what}:right") for what in ("call", "return")] == [
        change.elapsed for change in changes
    ]
    leaf = symbols["leaf"].address
    assert find_place(traced, f"pc:{leaf:#x}#4") == find_place(traced, "pc:leaf#4") > changes[0].elapsed
    assert find_place(traced, "pc:leaf#3") < changes[0].elapsed
    assert find_place(traced, "pc:right+0x2") == find_place(traced, "call:right")
    consumer = find_place(traced, "context:consumer")
    assert find_place(traced, "context:interrupt 25*") < consumer < find_place(traced, "context:consumer#2")
    for wrong in ("pc:nothing", "pc:leaf+0x100", "context:nobody", "+soon", "return:nobody"):
        with pytest.raises(PlaceError):
            find_place(traced, wrong)


def test_an_end_may_be_a_time_later(traced: Trace) -> None:
    window = find_window(traced, "call:app_main", "+20us")
    assert window.least == find_place(traced, "call:app_main")
    assert (
        window.end == find_place(traced, f"{traced.times.begin_ns(window.least) + 20_000}ns") > window.least
    )
    first_ns = traced.times.begin_ns(traced.begins.elapsed)
    assert find_window(traced, None, "+80ms") == traced.window(to_ns=first_ns + 80_000_000)


def test_the_selection_of_python_is_that_of_the_command_line(
    traced: Trace, capsys: pytest.CaptureFixture[str]
) -> None:
    selection = emu.trace.select(traced, begin="call:left", end="return:right", functions=["leaf"])
    assert len(list(traced.instructions(selection))) == 8
    arguments = ["--from", "call:left", "--to", "return:right", "--functions", "leaf"]
    for level, form in LEVELS.items():
        if level == "events":
            continue
        told = []
        for how in (["--level", level], ["--format", form]):
            assert run_command_line(["trace", str(traced.path), *how, *arguments]) == 0
            told.append(capsys.readouterr().out)
        assert told[0] == told[1] == shown(traced, form, selection).decode() != ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--addresses", "5-3", "--level", "calls"],
        ["--addresses", "main", "--level", "calls"],
        ["--level", "calls", "--format", "text"],
        ["--level", "events", "--functions", "leaf"],
        ["--level", "calls", "--to", "+soon"],
        ["--callers", "leaf", "--functions", "leaf"],
    ],
)
def test_wrong_selections_are_one_line(
    traced: Trace, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["trace", str(traced.path), *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_addresses_are_two_numbers() -> None:
    assert parse_addresses("0x10-0x20") == (16, 32)
    assert parse_addresses("0-4294967296") == (0, 1 << 32)
    for wrong in ("", "1", "1-1", "2-1", "1-2-3", "a-b", "-1-2", "0-4294967297"):
        with pytest.raises(ValueError, match="are no addresses such as"):
            parse_addresses(wrong)


def test_calls_and_accesses_come_as_data(traced: Trace) -> None:
    selection = emu.trace.select(traced, functions=LEAVES.functions)
    entered = [change.function.name for change in emu.trace.find_calls(traced, selection) if change.is_entry]
    assert entered == [line.split()[-1] for line in text(traced, "calls", selection) if "-- " not in line]
    told = [line.split() for line in text(traced, "accesses", selection) if line.split()[0].startswith("[")]
    found = emu.trace.find_accesses(traced, selection)
    assert [f"[{each.access.address:08x}]" for each in found] == [words[0] for words in told]
    assert [each.access.value for each in found] == [int(words[2], 16) for words in told]
    assert {each.pc for each in found} <= set(traced.instructions(selection))
    assert found
    assert sorted(found, key=lambda each: each.time_ns) == found
    assert len(emu.trace.find_accesses(traced)) > len(found)
