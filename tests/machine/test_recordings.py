"""A recording replays to the last bit, with all that came from outside, whoever watches."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cpu.program import code, op
from machine.device import PREPARE_UART0, machine_of, send

from emu import LoadError, Machine, MachineError
from emu.history.state_file import FileKind, read_tree, write_tree
from emu.machine.replay import Replay
from emu.options import EngineName
from emu.report.run_result import RunEnd
from peripherals.flash_operation import Phase

ENGINES: tuple[EngineName, ...] = ("translator", "interpreter")
ATCMD = Path(__file__).parents[2] / "roms" / "atcmd" / "atcmd.img"
READY = "atcmd init finished"
TASKS = Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf"


def talk(machine: Machine) -> None:
    """Two commands, with something else in between."""
    machine.uart0.expect(READY)
    machine.uart1.write("AT+QVER\r")
    machine.uart1.expect("OK")
    machine.run_for(0.003)
    machine.uart1.write("AT+")
    machine.run_for(0.0123)
    machine.uart1.write("Z\r")
    machine.run_for(0.3)


def answer_in_callbacks(machine: Machine) -> None:
    """Whatever UART1 says is sent back by a listener, and each line makes a pin change."""
    machine.uart0.expect(READY)
    heard: list[int] = []

    def hear(_time_ns: int, byte: int) -> None:
        heard.append(byte)
        if byte == ord("\n"):
            machine.pins["PB5"].drive(len(heard) % 2)
            machine.uart1.write("AT\r")

    machine.uart1.listen(hear)
    machine.uart1.write("AT\r")
    machine.run_for(0.05)
    assert len(heard) > 20


def stop_and_change(machine: Machine) -> None:
    """Breakpoints in the middle of a slice, where registers, memory and pins are changed."""
    machine.add_breakpoint("query_version")
    machine.uart0.expect(READY)
    machine.uart1.write("AT+QVER\r")
    assert machine.run_for(1).end is RunEnd.ADDRESS
    machine.registers["r7"] = 0x1234_5678
    machine.write(0x2000_0100, b"changed")
    machine.flash.load(0x1F_0000, b"loaded")
    machine.pins["PA1"].drive(1)
    machine.step(5)
    machine.pins["PA1"].release()
    machine.run_for(0.02)


def reset_and_cut(machine: Machine) -> None:
    """Resets from outside, and a power cut."""
    machine.run_for(0.2)
    machine.reset()
    machine.run_for(0.1)
    machine.cut_power_at_flash_operation(30, Phase.AFTER)
    assert machine.run_for(10).end is RunEnd.POWER_CUT
    machine.power_cycle()
    machine.run_for(0.1)


def end_at_a_breakpoint(machine: Machine) -> None:
    machine.uart0.expect(READY)
    machine.uart1.write("AT+QVER\r")
    machine.run_until_address("query_version", timeout_s=1)


STORIES: list[tuple[Path | None, Callable[[Machine], None]]] = [
    (ATCMD, talk),
    (ATCMD, answer_in_callbacks),
    (ATCMD, stop_and_change),
    (ATCMD, end_at_a_breakpoint),
    (None, reset_and_cut),
]


@pytest.mark.parametrize(("firmware", "story"), STORIES, ids=[story.__name__ for _, story in STORIES])
def test_a_story_comes_again(tmp_path: Path, firmware: Path | None, story: Callable[[Machine], None]) -> None:
    file, texts = tmp_path / "story.rec", []
    for hash_every_s in (None, 0.01):
        machine = Machine.load(firmware, cache=False)
        if hash_every_s is not None:
            machine.record(hash_every_s)
        story(machine)
        texts.append(([port.data for port in machine.uarts], machine.snapshot().state_hash()))
    assert texts[0] == texts[1]  # recording changes nothing
    machine.save_recording(file)
    for engine in ENGINES[: 1 if firmware is None else 2]:
        replay = Replay.load(file, engine=engine, cache=False)
        result = replay.run()
        assert result.difference == ""
        assert [port.data for port in replay.machine.uarts] == texts[0][0]
        assert (result.time_ns, result.inputs) == (machine.now_ns, len(replay.recording.inputs))


def test_another_process_replays(tmp_path: Path) -> None:
    file = tmp_path / "story.rec"
    machine = Machine.load(ATCMD, cache=False)
    machine.record()
    talk(machine)
    machine.save_recording(file)
    command = [sys.executable, "-m", "emu.cli", "replay", str(file), "--uart", "1", "--no-cache"]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ATCMD.parents[2])
    assert done.stdout.replace(b"\n", b"\r\n") == machine.uart1.data.replace(b"\r\r", b"\r")
    assert b"replayed 3 inputs" in done.stderr


def test_a_recording_may_begin_anywhere(tmp_path: Path) -> None:
    first = Machine.load(ATCMD, cache=False)
    first.uart0.expect(READY)
    first.save_state(tmp_path / "ready.state")
    machine = Machine.load_state(tmp_path / "ready.state", cache=False)
    machine.record()
    machine.uart1.write("AT+QVER\r")
    machine.uart1.expect("OK")
    machine.save_recording(tmp_path / "short.rec")
    replay = Replay.load(tmp_path / "short.rec", cache=False, skip_polls=False)
    assert replay.run().difference == ""
    assert replay.machine.uart1.data == machine.uart1.data


def test_going_back_begins_the_recording_anew(tmp_path: Path) -> None:
    machine = Machine.load(ATCMD, cache=False)
    machine.record()
    machine.uart0.expect(READY)
    before = machine.snapshot()
    machine.uart1.write("AT+Z\r")
    machine.run_for(0.1)
    machine.restore(before)
    machine.uart1.write("AT+QVER\r")
    machine.uart1.expect("OK")
    machine.save_recording(tmp_path / "x.rec")
    replay = Replay.load(tmp_path / "x.rec", cache=False)
    assert (replay.run().difference, len(replay.recording.inputs)) == ("", 1)


def test_the_crash_of_a_recording_comes_again(tmp_path: Path) -> None:
    machine = Machine.load(TASKS, cache=False, crash_grace_ns=20_000_000)
    machine.record()
    crash = machine.run().crash
    machine.save_recording(tmp_path / "crash.rec")
    replay = Replay.load(tmp_path / "crash.rec", cache=False)
    assert replay.run().difference == ""
    assert (replay.crash, crash is None) == (crash, False)


def changed(file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    tree = read_tree(file, FileKind.RECORDING)
    change(tree)
    other = file.with_suffix(".other")
    write_tree(other, FileKind.RECORDING, tree)
    return other


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    machine = Machine.load(ATCMD, cache=False)
    machine.record(0.01)
    talk(machine)
    file = tmp_path_factory.mktemp("recording") / "talk.rec"
    machine.save_recording(file)
    return file


def test_the_first_interval_that_differs_is_named(talked: Path) -> None:
    def say_something_else(tree: dict[str, Any]) -> None:
        *moment, _ = tree["inputs"][0]
        tree["inputs"][0] = (*moment, (b"AT+QVEX\r",))

    replay = Replay.load(changed(talked, say_something_else), cache=False)
    result = replay.run()
    first_ns = replay.recording.inputs[0].now_ns
    assert result.last_same_ns <= first_ns < result.last_same_ns + 10_000_000
    assert any(what in result.difference for what in ("another state at", "is at", "was missed"))
    assert str(result).startswith("not the same from some time after 0.1")


def test_an_input_that_comes_too_late_is_a_difference(talked: Path) -> None:
    def come_earlier(tree: dict[str, Any]) -> None:
        now_ns, executed, *rest = tree["inputs"][0]
        tree["inputs"][0] = (now_ns, executed - 1, *rest)
        tree["marks"] = []

    result = Replay.load(changed(talked, come_earlier), cache=False).run()
    assert "the run has left its recording: uart1 at 0.1" in result.difference


def test_a_damaged_or_other_file_is_refused_in_one_line(talked: Path, tmp_path: Path) -> None:
    data, rng, file = talked.read_bytes(), Random(1), tmp_path / "x.rec"
    for _ in range(100):
        damaged = bytearray(data)
        damaged[rng.randrange(len(data) if rng.random() < 0.5 else 100)] ^= 1 << rng.randrange(8)
        file.write_bytes(damaged)
        with pytest.raises(LoadError, match=r"^x\.rec: offset 0x[0-9a-f]+: [^\n]+$"):
            Replay.load(file)
    other = changed(talked, lambda tree: tree.pop("end"))
    with pytest.raises(LoadError, match=r"does not fit this emulator \('end'\)"):
        Replay.load(other, cache=False)


def test_what_cannot_be_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="nothing is recorded"):
        Machine.load(ATCMD, cache=False).save_recording(tmp_path / "x")
    machine = machine_of(code(PREPARE_UART0, send("x"), op("br", offset=0)))
    machine.record()
    with pytest.raises(MachineError, match="this machine was not loaded"):
        machine.save_recording(tmp_path / "x")
    with pytest.raises(MachineError, match="seed: the recording has its own"):
        Replay.load(tmp_path / "x", seed=1)
    assert not list(tmp_path.iterdir())


def test_what_comes_in_last_is_a_part_of_the_end(tmp_path: Path) -> None:
    with Machine.load(cache=False) as machine:
        machine.record()
        machine.run_for(0.08)
        machine.uart0.write("x")
        machine.save_recording(tmp_path / "end.rec")
    replay = Replay.load(tmp_path / "end.rec", cache=False)
    assert str(replay.run()).startswith("replayed 1 inputs")
    assert replay.machine.uart0.queued == 1
