"""`--save-state`, `--load-state`, `--record`, `replay`: a run that is continued, or comes, another time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line


def run(*arguments: str) -> int:
    return run_command_line(["run", "--no-cache", *arguments])


@pytest.fixture
def saved(tmp_path: Path) -> str:
    file = str(tmp_path / "half.state")
    assert run("--max-time", "500ms", "--save-state", file) == 42
    return file


def test_the_second_half_goes_on_where_the_first_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = str(tmp_path / "half.state")
    assert run("--max-time", "500ms", "--save-state", saved) == 42
    first = capsys.readouterr().out
    assert run("--load-state", saved, "--expect", "atcmd init finished") == 0
    second = capsys.readouterr().out
    assert run("--max-time", "20s") == 0
    assert first + second == capsys.readouterr().out


def test_a_state_may_be_saved_over_itself(saved: str) -> None:
    assert run("--load-state", saved, "--max-time", "1ms", "--save-state", saved) == 42
    assert run("--load-state", saved, "--max-time", "1ms") == 42


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("x.elf", "--load-state", "STATE"), 2, "the saved machine has its firmware: leave FIRMWARE out"),
        (("--load-state", "STATE", "--seed", "1"), 2, "seed: the saved machine has its own"),
        (("--load-state", "nowhere.state"), 2, "nowhere.state: cannot be read"),
        (("--load-state", __file__), 2, "magic: not 'w800emu state'"),
        (("--save-state", "nowhere/x.state"), 2, "--save-state: nowhere is no folder"),
        (("--record", "nowhere/x.rec"), 2, "--record: nowhere is no folder"),
        (("--hash-every", "1s"), 2, "--hash-every needs --record"),
    ],
)
def test_what_cannot_be_is_one_line(
    saved: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, message: str
) -> None:
    capsys.readouterr()
    assert run(*(saved if argument == "STATE" else argument for argument in arguments)) == code
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1
    assert message in errors[0]


@pytest.mark.skipif(sys.platform == "win32", reason="a folder without write permission is POSIX's")
def test_a_state_that_cannot_be_written_does_not_hide_how_the_run_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.state").mkdir()
    assert run("--max-time", "1ms", "--save-state", str(tmp_path / "x.state")) == 42
    errors = capsys.readouterr().err.splitlines()
    assert "x.state: cannot be written" in errors[0]
    assert "the virtual time is up" in errors[1]
    assert run("--max-time", "20s", "--save-state", str(tmp_path / "x.state")) == 1


def test_a_recording_prints_what_the_run_has_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "demo.rec")
    assert run("--max-time", "20s", "--record", file, "--hash-every", "100ms") == 0
    printed = capsys.readouterr().out
    assert run_command_line(["replay", file, "--no-cache"]) == 0
    again = capsys.readouterr()
    assert again.out == printed
    assert again.err.startswith("w800emu: replayed 0 inputs to 3.0")
    assert again.err.endswith(" s: the state is the same\n")
    assert run_command_line(["replay", str(Path(__file__))]) == 2
    assert "magic: not 'w800emu recording'" in capsys.readouterr().err
