"""Waveforms are what a viewer needs to see: who executes when."""

from __future__ import annotations

import io
import re

import pytest
from support.traces import MS, PROGRAMS, load, shown, trace_of
from vcd.reader import TokenKind, tokenize

from emu.cli.__main__ import run_command_line
from emu.isa.ops import Vector
from emu.trace import select
from emu.trace.layout import EventKind
from emu.trace.recorder import TraceRecorder
from emu.trace.selection import Selection
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


def numbers_of(data: bytes, scope: str) -> dict[str, list[tuple[int, int]]]:
    """Times and numbers of the variables in a scope: another reader than pyvcd's (IEEE 1364, 18.2)."""
    head, _, body = data.decode().partition("$enddefinitions $end")
    declared = re.search(rf"\$scope module {scope} \$end(.*?)\$upscope \$end", head, re.DOTALL)
    assert declared is not None
    names = dict(re.findall(r"\$var wire \d+ (\S+) (\S+) \$end", declared[1]))
    numbers: dict[str, list[tuple[int, int]]] = {name: [] for name in names.values()}
    time_ns = 0
    for line in body.split("\n"):
        if line.startswith("#"):
            time_ns = int(line[1:])
        elif (match := re.fullmatch(r"(?:([01])|b([01]+) )(\S+)", line)) and match[3] in names:
            numbers[names[match[3]]].append((time_ns, int(match[1] or match[2], 2)))
    return numbers


@pytest.fixture(scope="module")
def with_pin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, dict[str, list[tuple[int, int]]]]:
    """A traced run in which something is put on a pin, and what has changed when."""
    path = tmp_path_factory.mktemp("vcd") / "pin.trace"
    machine = load(PROGRAMS / "traced.elf")
    told: dict[str, list[tuple[int, int]]] = {name: [] for name in ("PB5", "consumed", "pxCurrentTCB")}
    machine.pins["PB5"].on_change(lambda time_ns, level: told["PB5"].append((time_ns, level)))
    machine.watch("consumed", callback=lambda it: told["consumed"].append((it.time_ns, it.value)))
    machine.watch("pxCurrentTCB", callback=lambda it: told["pxCurrentTCB"].append((it.time_ns, it.value)))
    with TraceRecorder(machine, path):
        for level in (1, 0, 1):
            machine.run(30 * MS)
            machine.pins["PB5"].drive(level)
        machine.run(60 * MS)
    return Trace(path), told


def changed(values: list[tuple[int, int]]) -> list[tuple[int, int]]:
    before = [0, *(value for _, value in values)]
    return [(time_ns, value) for (time_ns, value), old in zip(values, before, strict=False) if value != old]


def test_signals_are_pins_and_variables_as_they_were(
    with_pin: tuple[Trace, dict[str, list[tuple[int, int]]]],
) -> None:
    trace, told = with_pin
    signals = ("PB5", "consumed", "pxCurrentTCB")
    numbers = numbers_of(shown(trace, "vcd", Selection(signals=signals)), "signals")
    assert [value for _, value in numbers["consumed"]] == [0, 1, 2, 3, 4]
    assert [value for _, value in numbers["PB5"]] == [0, 1, 0, 1]
    for name in signals:
        assert numbers[name][0][1] == 0
        assert numbers[name][1:] == changed(told[name])


def test_signals_of_a_part_begin_as_they_are_there(
    with_pin: tuple[Trace, dict[str, list[tuple[int, int]]]],
) -> None:
    trace, told = with_pin
    begin_ns = 82 * MS
    part = select(trace, begin="82ms", signals=["pb*", "consumed", "uart0.line_control"])
    numbers = numbers_of(shown(trace, "vcd", part), "signals")
    assert {f"PB{number}" for number in range(32)} < set(numbers)
    assert 0 < numbers["consumed"][0][1] < 4
    assert numbers["consumed"][1:] == [each for each in told["consumed"] if each[0] > begin_ns]
    assert len(numbers["uart0_line_control"]) == 1
    assert numbers["uart0_line_control"][0][1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "vcd", "--signal", "nobody"], "nobody"),
        (["--format", "vcd", "--signal", "producer_stack"], "producer_stack has 1,024 bytes"),
        (["--format", "calls", "--signal", "PB5"], "calls tells no signals"),
        (["--signal", "PB5"], "are for --format"),
    ],
)
def test_what_is_no_signal_is_one_line(
    traced: Trace, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["trace", str(traced.path), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
