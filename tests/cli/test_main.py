from __future__ import annotations

import importlib
import re
from pathlib import Path

import click
import pytest

from emu.cli.__main__ import COMMANDS, run_command_line


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def callback() -> None:
        raise error

    monkeypatch.setattr("emu.cli.isa.command", click.Command("isa", callback=callback))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line([name, "--help"]) == 0
    assert f"w800emu {name}" in capsys.readouterr().out


def test_help_lists_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["--help"]) == 0
    output = capsys.readouterr().out
    assert [name for name in COMMANDS if f"  {name} " not in output] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frobnicate"], r"No such option:? '?--frobnicate'?\.?"),
        (["isa", "--frobnicate"], r"No such option:? '?--frobnicate'?\.?"),
        (["frobnicate"], r"No such command 'frobnicate'\."),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(arguments) == 2
    assert re.fullmatch(f"w800emu: error: {message}\n", capsys.readouterr().err)


def test_a_file_error_names_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fail_with(monkeypatch, FileNotFoundError(2, "No such file or directory", str(tmp_path / "x")))
    assert run_command_line(["isa"]) == 2
    assert capsys.readouterr().err == f"w800emu: error: {tmp_path / 'x'}: No such file or directory\n"


def test_an_unforeseen_error_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(monkeypatch, ZeroDivisionError("line one\nline two"))
    assert run_command_line(["isa"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("w800emu: error: internal error, ZeroDivisionError: line one line two (")
    assert error.count("\n") == 1


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run_command_line(["--debug", "isa"])


def test_interrupting_a_command_exits_as_shells_expect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(monkeypatch, KeyboardInterrupt())
    assert run_command_line(["isa"]) == 130
    assert capsys.readouterr().err.strip() == "w800emu: interrupted"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_module_has_the_name_of_its_command(name: str) -> None:
    assert importlib.import_module(f"emu.cli.{name.replace('-', '_')}").command.name == name
