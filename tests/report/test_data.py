"""Reports can be had as data."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from emu.isa.ops import Vector
from emu.report.calls import Frame
from emu.report.crash import FATAL, CrashKind, CrashReport
from emu.report.data import as_data
from emu.report.run_result import RunEnd, RunResult
from emu.report.tasks import Task, TaskList, TaskState

CRASH = CrashReport(
    CrashKind.ACCESS_ERROR,
    time_ns=5,
    pc=0x0801_0000,
    location="main+0x2",
    address=0x6000_0000,
    vector=2,
    registers={"r0": 1, "fr3": 0x3F80_0000, "fr4": 0},
    back_trace=(Frame(0x0801_0000, "0x08010000 main+0x2", name="main+0x2"),),
    tasks=TaskList((Task("idle", TaskState.RUNNING, 0, 0x2000_0000, 0x2000_1000),)),
)


def test_a_result_survives_as_json() -> None:
    data = json.loads(json.dumps(RunResult(RunEnd.CRASH, 7, crash=CRASH).to_dict()))
    assert (data["end"], data["time_ns"], data["reset"]) == ("CRASH", 7, None)
    assert data["crash"]["kind"] == "ACCESS_ERROR"
    assert data["crash"]["registers"]["fr3"] == 0x3F80_0000
    assert data["crash"]["back_trace"][0]["name"] == "main+0x2"
    assert data["crash"]["tasks"]["tasks"][0]["state"] == "RUNNING"


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(TypeError, match="no part of a report"):
        as_data({"a": object()})


def test_every_fatal_exception_has_a_kind() -> None:
    assert FATAL[Vector.DIVIDE_BY_ZERO] is CrashKind.DIVIDE_BY_ZERO
    assert set(CrashKind) - set(FATAL.values()) == {CrashKind.SLEEPS_FOREVER, CrashKind.LOCKED_UP}


def test_the_registers_of_the_fpu_are_shown_where_they_hold_something() -> None:
    assert " fr3 3f800000" in CRASH.details
    assert "fr4" not in CRASH.details


def trace_of(*frames: Frame) -> list[str]:
    lines = replace(CRASH, back_trace=frames, tasks=TaskList()).details.splitlines()
    return lines[next(number for number, line in enumerate(lines) if line.startswith("back trace")) :]


def test_a_back_trace_explains_its_marks_where_it_has_any() -> None:
    inner, outer = Frame(0x0801_0000, "main"), Frame(0x0801_0010, "start")
    assert trace_of(inner, outer) == ["back trace:", "  main", "  start"]
    guessed = trace_of(inner, replace(outer, is_certain=False))
    assert guessed == ["back trace (?: may be left over on the stack):", "  main", "? start"]


def test_a_back_trace_without_end_is_shown_in_part() -> None:
    lines = trace_of(*(Frame(0x0801_0000, "main") for _ in range(64)))
    assert len(lines) == 1 + 16 + 1
    assert lines[-1] == "  and 48 callers more"
