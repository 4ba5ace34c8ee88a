"""A machine in a file goes on in another process as if it had never been away."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from machine.device import machine_of

from emu import LoadError, Machine, MachineError
from emu.history import state_file
from emu.history.encoding import digest
from emu.history.state_file import FileKind, read_tree, write_tree

PROGRAMS = Path(__file__).parents[1] / "firmware" / "programs"
GO_ON = """
import sys
from emu import Machine
from emu.history.encoding import digest
machine = Machine.load_state(sys.argv[1], engine=sys.argv[3], cache=False)
machine.run(int(sys.argv[2]) - machine.now_ns)
print(digest(machine.snapshot().state))
"""


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    machine = Machine.load(cache=False)
    machine.uart0.expect("build at")
    machine.save_state(tmp_path / "demo.state")
    return tmp_path / "demo.state"


@pytest.mark.parametrize("engine", ["translator", "interpreter"])
@pytest.mark.parametrize(("program", "at_ns"), [(None, 60_000_000), ("tasks.elf", 100_000_000)])
def test_another_process_goes_on(tmp_path: Path, program: str | None, at_ns: int, engine: str) -> None:
    end_ns = at_ns + 20_000_000
    machine = Machine.load(program and PROGRAMS / program, cache=False)
    machine.run(at_ns)
    file = tmp_path / "machine.state"
    machine.save_state(file)
    machine.run(end_ns - machine.now_ns)
    command = [sys.executable, "-c", GO_ON, str(file), str(end_ns), engine]
    again = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROGRAMS.parents[2])
    assert again.stdout.strip() == digest(machine.snapshot().state)


def test_names_options_and_the_rest_of_the_story_are_there(saved: Path) -> None:
    machine = Machine.load_state(saved, on_crash="continue", max_resets=5)
    assert machine.address_of("app_main")
    assert machine.uart0.expect("atcmd init finished")
    assert machine.last_reset is not None


def test_a_ram_program_and_a_crash_are_saved(tmp_path: Path) -> None:
    file = tmp_path / "crash.state"
    machine = Machine.load(PROGRAMS / "tasks.elf", cache=False, psram_size_bytes=2 << 20, seed=7)
    expected = machine.run()
    assert expected.crash is not None
    again = Machine.load(PROGRAMS / "tasks.elf", cache=False, psram_size_bytes=2 << 20, seed=7)
    again.run(expected.crash.time_ns + 1_000)
    again.save_state(file)
    result = Machine.load_state(file).run()
    assert (result.crash, result.time_ns) == (expected.crash, expected.time_ns)


def test_a_machine_that_was_not_loaded_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="this machine was not loaded"):
        machine_of(b"").save_state(tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_options_of_the_chip_are_refused(saved: Path) -> None:
    with pytest.raises(MachineError, match="seed: the saved machine has its own"):
        Machine.load_state(saved, seed=1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        Machine.load_state(saved, colour=1)  # type: ignore[call-arg]


def test_a_damaged_file_is_refused_in_one_line(saved: Path) -> None:
    data, rng = bytearray(saved.read_bytes()), Random(1)
    for _ in range(300):
        damaged = data[:]
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(len(damaged) if rng.random() < 0.5 else 120)] ^= 1 << rng.randrange(8)
        if rng.random() < 0.3:
            del damaged[rng.randrange(len(damaged)) :]
        if damaged == data:
            continue
        saved.write_bytes(damaged)
        with pytest.raises(LoadError, match=r"^demo\.state: offset 0x[0-9a-f]+: [^\n]+$"):
            Machine.load_state(saved)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"state 1 ", b"state 2 ", "format: 2 is not 1"),
        (b"w800emu", b"w801emu", "magic: not 'w800emu state'"),
    ],
)
def test_other_files_are_refused(saved: Path, old: bytes, new: bytes, message: str) -> None:
    saved.write_bytes(saved.read_bytes().replace(old, new, 1))
    with pytest.raises(LoadError, match=message):
        Machine.load_state(saved)


def test_a_state_of_another_version_is_refused(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "__version__", "99.1")
    with pytest.raises(LoadError, match=r"version: saved by w800emu \S+: this is 99\.1"):
        Machine.load_state(saved)


def cut(tree: Any, rng: Random) -> None:
    """Change something somewhere in a tree."""
    while True:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        key = rng.choice(keys)
        part = tree[key]
        if not isinstance(part, dict | list) or not part or rng.random() < 0.1:
            break
        tree = part
    if rng.random() < 0.3:
        del tree[key]
    else:
        tree[key] = rng.choice(["text", None, [], {}, (1, 2), b"x", -1])


def test_a_tree_of_something_else_is_refused(saved: Path) -> None:
    """A file that is whole, but not what this emulator has saved: an error in one line, or a machine."""
    refused = 0
    for seed in range(60):
        tree = read_tree(saved, FileKind.STATE)
        cut(tree, Random(seed))
        other = saved.with_suffix(".other")
        write_tree(other, FileKind.STATE, tree)
        with suppress(LoadError):
            Machine.load_state(other, cache=False)
            refused -= 1
        refused += 1
    assert refused > 20


def test_a_state_is_small(saved: Path) -> None:
    assert saved.stat().st_size < 400_000
