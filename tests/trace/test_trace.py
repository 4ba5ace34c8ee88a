"""A trace tells every instruction that was executed, and tracing changes nothing."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cpu.program import code, op
from machine.device import machine_of, set_register

from emu import Machine
from emu.cli.__main__ import run_command_line
from emu.isa.ops import Vector
from emu.loader.errors import LoadError
from emu.machine.errors import MachineError
from emu.memory_map import SRAM_BASE
from emu.options import EngineName
from emu.trace.calls import CallFinder
from emu.trace.check import TraceError, check
from emu.trace.last import trace_last
from emu.trace.layout import EventKind
from emu.trace.recorder import TraceRecorder
from emu.trace.selection import Selection
from emu.trace.trace import Trace

TOP = Path(__file__).parents[2]
PROGRAMS = TOP / "tests" / "firmware" / "programs"
ENGINES: tuple[EngineName, ...] = ("translator", "interpreter")
MS = 1_000_000


def load(program: Path | None, engine: EngineName = "translator") -> Machine:
    return Machine.load(program, engine=engine, cache=False, on_crash="continue")


def traced(machine: Machine, path: Path, run: Callable[[Machine], object]) -> Trace:
    with TraceRecorder(machine, path):
        run(machine)
    return Trace(path)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "program",
    [None, *sorted(PROGRAMS.glob("*.elf")), *sorted((TOP / "roms" / "classic").glob("*[0-9].img"))],
    ids=lambda path: path.stem if path else "demo",
)
def test_every_instruction_is_told(tmp_path: Path, program: Path | None, engine: EngineName) -> None:
    if engine == "interpreter" and program and program.stem == "selftest":
        pytest.skip("selftest: 4 million instructions take the interpreter a minute")
    machine, plain = load(program, engine), load(program)
    trace = traced(machine, tmp_path / "run.trace", lambda it: it.run(3000 * MS if not program else 300 * MS))
    plain.run(machine.now_ns)
    assert check(trace) == machine.executed == trace.ends.executed
    assert plain.snapshot().state_hash() == machine.snapshot().state_hash()
    assert [port.data for port in plain.uarts] == [port.data for port in machine.uarts]


def test_code_in_ram_that_changes_is_told_as_it_was(tmp_path: Path) -> None:
    """A loop in RAM writes another instruction into its own way each round."""
    ram = SRAM_BASE + 0x1000
    ways = [op("addi", rz=3, oimm=number) for number in (1, 2)]
    loop = code(
        op("ld.h", rz=4, rx=2, offset=0),
        op("ld.h", rz=5, rx=2, offset=2),
        op("st.h", rz=5, rx=2, offset=0),
        op("st.h", rz=4, rx=2, offset=2),
        op("st.h", rz=4, rx=1, offset=10),
        ways[0],
    )
    loop += op("br", offset=-len(loop))
    words = [int.from_bytes(loop[at : at + 2], "little") for at in range(0, len(loop), 2)]
    copy = b"".join(
        code(set_register(6, word), op("st.h", rz=6, rx=1, offset=2 * number))
        for number, word in enumerate(words)
    )
    table = b"".join(
        code(set_register(6, int.from_bytes(way[:2], "little")), op("st.h", rz=6, rx=2, offset=2 * number))
        for number, way in enumerate(ways)
    )
    start = code(set_register(1, ram), set_register(2, ram + 0x100), copy, table, op("jmp", rx=1))
    executed: list[list[int]] = []
    for engine in ENGINES:
        machine = machine_of(start, engine=engine, grace_ns=None)
        trace = traced(machine, tmp_path / f"{engine}.trace", lambda it: it.run(20_000))
        executed.append(list(trace.instructions()))
        assert len(executed[-1]) == machine.executed
    assert executed[0] == executed[1]
    assert executed[0][-1] >= ram


def test_a_trace_may_begin_and_end_anywhere(tmp_path: Path) -> None:
    machine = load(None)
    machine.run_until_executed(100_000)
    trace = traced(machine, tmp_path / "part.trace", lambda it: it.run_until_executed(200_001))
    assert check(trace) == 100_001
    begin_ns, end_ns = (trace.times.time_ns(moment.elapsed) for moment in (trace.begins, trace.ends))
    middle_ns = (begin_ns + end_ns) // 2
    halves = [trace.window(to_ns=middle_ns), trace.window(from_ns=middle_ns)]
    instructions = [list(trace.instructions(Selection(half))) for half in halves]
    assert instructions[0] + instructions[1] == list(trace.instructions())
    assert all(instructions)


def test_events_have_their_times(tmp_path: Path) -> None:
    machine = load(None)
    trace = traced(machine, tmp_path / "run.trace", lambda it: it.run(3000 * MS))
    events = list(trace.events())
    sent = bytes(event.second for event in events if event.kind is EventKind.UART and event.first == 0)
    assert sent == machine.uart0.data
    assert [event.kind for event in events].count(EventKind.RESET) == 1
    assert any(event.kind is EventKind.ERASE for event in events)
    assert any(event.kind is EventKind.EXCEPTION and event.first >= Vector.INTERRUPT0 for event in events)
    assert [event.entries for event in events] == sorted(event.entries for event in events)


def test_calls_are_nested_and_end(tmp_path: Path) -> None:
    trace = traced(load(None), tmp_path / "run.trace", lambda it: it.run(3000 * MS))
    stacks: dict[int, list[str]] = {}
    names = set()
    for change in CallFinder(trace).changes():
        stack = stacks.setdefault(change.context, [])
        if change.is_entry:
            stack.append(change.function.name)
            names.add(change.function.name)
        else:
            assert stack.pop() == change.function.name
    assert not any(stacks.values())
    assert {"reset_handler", "app_main", "flash_read", "memcpy"} <= names


def test_a_trace_that_was_cut_off_is_readable_up_to_there(tmp_path: Path) -> None:
    whole = tmp_path / "run.trace"
    trace = traced(load(None), whole, lambda it: it.run(3000 * MS))
    everything = list(trace.instructions())
    data = whole.read_bytes()
    for share in (0.5, 0.9, 0.999):
        (tmp_path / "cut.trace").write_bytes(data[: int(share * len(data))])
        cut = Trace(tmp_path / "cut.trace")
        some = list(cut.instructions())
        assert some == everything[: len(some)]
        assert not cut.is_whole
        with pytest.raises(MachineError, match="it was cut off"):
            cut.replay()


def test_what_is_no_trace_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.trace"
    with pytest.raises(LoadError, match="No such file"):
        Trace(path)
    path.write_bytes(b"something else")
    with pytest.raises(LoadError, match="not 'w800emu trace'"):
        Trace(path)
    path.write_bytes(b"w800emu trace 9 1.0\n")
    with pytest.raises(LoadError, match="9 is not 1"):
        Trace(path)
    path.write_bytes(b"w800emu trace 1 1.0\n")
    with pytest.raises(LoadError, match="cut off before anything ran"):
        Trace(path)


def test_a_damaged_chunk_is_told_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "run.trace"
    traced(load(None), path, lambda it: it.run(100 * MS))
    data = bytearray(path.read_bytes())
    data[data.index(b"FLOW") + struct.calcsize("<4sIIIQQQ") + 20] ^= 1
    path.write_bytes(data)
    with pytest.raises(LoadError, match=r"run.trace: offset 0x\w+: checksum"):
        list(Trace(path).instructions())


def test_a_check_tells_a_trace_of_another_run(tmp_path: Path) -> None:
    trace = traced(load(None), tmp_path / "run.trace", lambda it: it.run(100 * MS))
    trace.instructions = lambda selection=None: iter([2, 4])  # type: ignore[method-assign]
    with pytest.raises(TraceError, match="instruction 1 of the trace is 0x00000002"):
        check(trace)


def test_a_machine_does_not_go_back_while_it_is_traced(tmp_path: Path) -> None:
    machine = load(None)
    snapshot = machine.snapshot()
    with TraceRecorder(machine, tmp_path / "one.trace"):
        with pytest.raises(MachineError, match="restore: a trace is being written"):
            machine.restore(snapshot)
        with pytest.raises(MachineError, match="another trace"):
            TraceRecorder(machine, tmp_path / "two.trace")
    machine.restore(snapshot)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    machine = load(None)
    with pytest.raises(LoadError, match="the trace cannot be written there"):
        TraceRecorder(machine, tmp_path / "no" / "x.trace")
    machine.run(100 * MS)


def test_the_last_moments_before_a_crash_are_traced_behind_it(tmp_path: Path) -> None:
    machine = Machine.load(PROGRAMS / "tasks.elf", cache=False)
    machine.keep_history()
    crash = machine.run().crash
    assert crash is not None
    there = machine.snapshot().state_hash()
    trace_last(machine, tmp_path / "last.trace", MS, crash.time_ns)
    assert machine.snapshot().state_hash() == there
    trace = Trace(tmp_path / "last.trace")
    assert check(trace) > 10_000
    instructions = list(trace.instructions())
    assert machine.describe(instructions[-1]).partition("+")[0] == "fail"
    assert trace.times.time_ns(trace.ends.elapsed) - trace.times.time_ns(trace.begins.elapsed) <= MS


def test_the_command_line_traces_runs_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, last, replayed, recording = (str(tmp_path / name) for name in ("run", "last", "replayed", "rec"))
    program = str(PROGRAMS / "tasks.elf")
    assert run_command_line(["run", program, "--trace", run, "--record", recording]) == 1
    assert run_command_line(["run", program, "--trace", last, "--trace-last", "1ms"]) == 1
    assert run_command_line(["replay", recording, "--trace", replayed]) == 0
    assert run_command_line(["replay", recording, "--trace", replayed, "--trace-last", "1ms"]) == 0
    capsys.readouterr()
    assert list(Trace(last).instructions()) == list(Trace(replayed).instructions())
    for path in (run, last, replayed):
        assert run_command_line(["trace", path, "--check"]) == 0
        assert run_command_line(["trace", path, "--format", "calls"]) == 0
        assert "fail\n" in capsys.readouterr().out
    assert run_command_line(["trace", run]) == 0
    assert "tasks: worker" in capsys.readouterr().out
    assert run_command_line(["trace", last, "--format", "text", "-o", str(tmp_path / "out")]) == 0
    assert "worker" in (tmp_path / "out").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--trace-last", "1ms"], "--trace-last needs --trace"),
        (["replay", "x", "--trace-last", "1ms"], "--trace-last needs --trace"),
        (["run", "--trace", "/no/such/x"], "--trace: /no/such is no folder"),
        (["trace", "/no/such/x"], "/no/such/x: No such file"),
        (["trace", str(PROGRAMS / "tasks.elf")], "not 'w800emu trace'"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
