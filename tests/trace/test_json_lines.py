"""JSON Lines: what other programs read."""

from __future__ import annotations

import json
from typing import Any

from support.traces import MS, PROGRAMS, load, shown

from emu.engine.interpreter_engine import InterpreterEngine
from emu.trace.selection import Selection
from emu.trace.trace import Trace


def objects(
    trace: Trace, form: str, window: tuple[int | None, int | None] = (None, None)
) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown(trace, form, Selection(trace.window(*window))).splitlines()]


def test_a_call_has_its_place_and_its_instructions(traced: Trace) -> None:
    everything = objects(traced, "jsonl")
    calls = [each for each in everything if each["kind"] == "call"]
    (right,) = (call for call in calls if call["function"] == "right")
    leaves = [call for call in calls if call["function"] == "leaf" and call["begin_ns"] > right["begin_ns"]]
    assert len(leaves) == 5
    assert all(right["begin_ns"] < leaf["begin_ns"] < leaf["end_ns"] <= right["end_ns"] for leaf in leaves)
    assert {leaf["depth"] - right["depth"] for leaf in leaves} == {1}
    assert {leaf["instructions"] for leaf in leaves} == {1}
    assert right["address"] == load(PROGRAMS / "traced.elf").symbols["right"].address
    contexts = {call["context"] for call in calls if call["function"] in ("produce", "consume")}
    assert contexts == {"producer", "consumer"}
    assert sum(call["instructions"] for call in calls if call["depth"] == 0) == traced.ends.executed
    ends_ns = [each["end_ns"] if "end_ns" in each else each["time_ns"] for each in everything]
    assert ends_ns == sorted(ends_ns)


def test_events_are_told_with_their_facts(traced: Trace) -> None:
    events = [each for each in objects(traced, "jsonl") if each["kind"] not in ("call", "sleep")]
    assert [event["text"] for event in events if event["kind"] == "uart"] == ["begin", "end"]
    (erase,) = (event for event in events if event["kind"] == "erase")
    assert (erase["offset"], erase["size_bytes"]) == (0x1F0000, 0x1000)
    assert {event["name"] for event in events if event["kind"] == "exception"} == {
        "exception 22", "interrupt 25 (CORE_TIMER)",
    }  # fmt: skip


class Observer:
    """Hears of each instruction of the interpreter, and when it is done."""

    def __init__(self) -> None:
        self.machine = load(PROGRAMS / "traced.elf", "interpreter")
        self.instructions: list[tuple[int, int]] = []
        engine = self.machine.board.core.engine
        assert isinstance(engine, InterpreterEngine)
        engine.observer = self

    def retired(self, pc: int) -> None:
        self.instructions.append((self.machine.now_ns, pc))


def test_instructions_are_those_of_the_interpreter(traced: Trace) -> None:
    observer = Observer()
    observer.machine.run(80 * MS)
    found = objects(traced, "jsonl_instructions", (None, 79 * MS))
    expected = observer.instructions[: len(found)]
    assert [each["address"] for each in found] == [pc for _, pc in expected]
    for each, (done_ns, _) in zip(found, expected, strict=True):
        assert 16 <= done_ns - each["time_ns"] <= 17  # 4/3 cycles at 80 MHz
    assert observer.instructions[len(found)][0] > 79 * MS
    assert {each["text"] for each in found if each["function"] == "leaf"} == {"rts"}
