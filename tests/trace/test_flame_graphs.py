"""Collapsed stacks and speedscope's files have every instruction, at its stack."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import pytest
from support.traces import shown

from emu.trace.trace import Trace

APP = "main task;run_application;app_main"


def stacks_of(trace: Trace) -> dict[str, int]:
    rows = (line.rpartition(" ") for line in shown(trace, "collapsed").decode().splitlines())
    return {stack: int(count) for stack, _, count in rows}


def test_collapsed_stacks_are_those_of_the_source(traced: Trace) -> None:
    stacks = stacks_of(traced)
    branches = [count for stack, count in stacks.items() if stack.endswith(";branch")]
    deepest = f"{APP};branch;branch;branch;branch;branch;branch"
    leaves, inner = 32, 31  # calls of branch(0), and of the others
    assert len(branches) == 6
    assert stacks[deepest] % leaves == 0
    assert sum(branches[:-1]) % inner == 0
    assert stacks[f"{APP};right;leaf"] * 3 == stacks[f"{APP};left;leaf"] * 5
    assert {"producer;producer;produce;semaphore_give", "consumer;consumer;consume"} <= stacks.keys()
    assert "interrupt 25 (CORE_TIMER);interrupt_entry;interrupt_dispatch;on_tick" in stacks
    assert sum(stacks.values()) == traced.ends.executed


def check_schema(file: dict[str, Any]) -> None:
    """What file-format-schema.json of speedscope asks of a file with sampled profiles."""
    assert file["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert set(file) <= {"$schema", "shared", "profiles", "name", "exporter", "activeProfileIndex"}
    frames = file["shared"]["frames"]
    assert all(isinstance(frame["name"], str) and set(frame) == {"name"} for frame in frames)
    for profile in file["profiles"]:
        assert set(profile) == {"type", "name", "unit", "startValue", "endValue", "samples", "weights"}
        assert profile["type"] == "sampled"
        assert isinstance(profile["name"], str)
        assert profile["unit"] in {"none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"}
        assert len(profile["samples"]) == len(profile["weights"])
        assert all(0 <= frame < len(frames) for stack in profile["samples"] for frame in stack)
        assert profile["endValue"] - profile["startValue"] == sum(profile["weights"])


def test_speedscope_has_a_profile_a_context_with_the_same_stacks(traced: Trace) -> None:
    file = json.loads(shown(traced, "speedscope"))
    check_schema(file)
    names = [frame["name"] for frame in file["shared"]["frames"]]
    stacks: Counter[str] = Counter()
    for profile in file["profiles"]:
        for stack, count in zip(profile["samples"], profile["weights"], strict=True):
            stacks[";".join([profile["name"], *(names[frame] for frame in stack)])] += count
    assert stacks == stacks_of(traced)
    contexts = {
        "main",
        "main task",
        "producer",
        "consumer",
        "IDLE",
        "exception 22",
        "interrupt 25 (CORE_TIMER)",
    }
    assert {profile["name"] for profile in file["profiles"]} == contexts


def test_a_picture_has_a_box_for_each_stack_as_wide_as_its_instructions(traced: Trace) -> None:
    root = ElementTree.fromstring(shown(traced, "flamegraph").decode())
    space = "{http://www.w3.org/2000/svg}"
    boxes: dict[str, list[tuple[int, float]]] = {}
    for group in root.iter(f"{space}g"):
        title, box = group.find(f"{space}title"), group.find(f"{space}rect")
        assert title is not None
        assert title.text is not None
        assert box is not None
        name, _, rest = title.text.partition(": ")
        instructions = int(rest.partition(" ")[0].replace(",", ""))
        boxes.setdefault(name, []).append((instructions, float(box.get("width", "0"))))
    ((everything, width),) = boxes["all"]
    assert everything == traced.ends.executed
    for found in boxes.values():
        for instructions, wide in found:
            assert wide == pytest.approx(width * instructions / everything, abs=0.5)
    own = [
        count for stack, count in stacks_of(traced).items() if stack.endswith(";branch")
    ]  # outermost first
    assert sorted(instructions for instructions, _ in boxes["branch"]) == sorted(
        sum(own[depth:]) for depth in range(len(own))
    )
