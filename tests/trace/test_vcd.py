"""Waveforms are what a viewer needs to see: who executes when."""

from __future__ import annotations

import io

import pytest
from support.traces import MS, load, shown, trace_of
from vcd.reader import TokenKind, tokenize

from emu.isa.ops import Vector
from emu.trace.layout import EventKind
from emu.trace.trace import Trace

Values = list[tuple[int, str]]


def waves_of(data: bytes) -> dict[str, Values]:
    """Times and values of each variable, as pyvcd reads them."""
    waves: dict[str, Values] = {}
    names: dict[str, str] = {}
    time_ns = 0
    for token in tokenize(io.BytesIO(data)):
        if token.kind is TokenKind.VAR:
            names[token.var.id_code] = token.var.reference
            waves[token.var.reference] = []
        elif token.kind is TokenKind.CHANGE_TIME:
            assert token.time_change >= time_ns
            time_ns = token.time_change
        elif token.kind is TokenKind.CHANGE_SCALAR:
            waves[names[token.scalar_change.id_code]].append((time_ns, token.scalar_change.value))
        elif token.kind is TokenKind.CHANGE_STRING:
            waves[names[token.string_change.id_code]].append((time_ns, token.string_change.value))
    return waves


@pytest.fixture(scope="module")
def waves(traced: Trace) -> dict[str, Values]:
    return waves_of(shown(traced, "vcd"))


def begins_of(trace: Trace, vector: int) -> list[int]:
    kind = EventKind.EXCEPTION
    return [event.time_ns for event in trace.events() if event.kind is kind and event.first == vector]


def test_a_handler_is_high_from_its_entry_to_its_return(traced: Trace, waves: dict[str, Values]) -> None:
    for name, vector in (("exception_22", 22), ("interrupt_25_CORE_TIMER", Vector.INTERRUPT0 + 25)):
        rises = [time_ns for time_ns, value in waves[name] if value == "1"]
        assert rises == begins_of(traced, vector)
        assert [value for _, value in waves[name]] == ["0", *["1", "0"] * len(rises)]


def test_who_runs_is_a_text(waves: dict[str, Values]) -> None:
    running = [value for _, value in waves["running"]]
    assert set(running) == {
        "", "main", r"main\x20task", "consumer", "producer", "IDLE", r"exception\x2022",
        r"interrupt\x2025\x20(CORE_TIMER)",
    }  # fmt: skip


def test_sleep_is_that_of_the_trace(traced: Trace, waves: dict[str, Values]) -> None:
    times_ns = [time_ns for time_ns, _ in waves["asleep"]]
    assert list(zip(times_ns[::2], times_ns[1::2], strict=True)) == traced.times.idle()


def test_a_reset_is_an_event(tmp_path_factory: pytest.TempPathFactory) -> None:
    trace = trace_of(load(None), tmp_path_factory.mktemp("vcd") / "x.trace", 3000 * MS)
    (reset,) = (event for event in trace.events() if event.kind is EventKind.RESET)
    assert waves_of(shown(trace, "vcd"))["resets"] == [(reset.time_ns, "1")]
