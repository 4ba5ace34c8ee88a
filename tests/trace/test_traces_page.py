"""The page about traces: what it shows of the command line works."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from support.traces import PROGRAMS

from emu.cli.__main__ import run_command_line
from emu.cli.exit_code import ExitCode
from emu.trace.views.table import VIEWS

PAGE = (Path(__file__).parents[2] / "docs" / "traces.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    w800emu (.+)$", PAGE, re.MULTILINE)


def test_each_command_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PROGRAMS / "traced.elf", tmp_path / "app.elf")
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        command = re.sub("^run(.*) 2s", r"run --no-cache\1 300ms", command)
        expected = ExitCode.TIME_UP if command.startswith("run") else ExitCode.SUCCESS
        assert run_command_line(shlex.split(command)) == expected, command
        assert capsys.readouterr().out or " -o " in command


def test_each_view_has_a_section_and_a_command() -> None:
    assert re.findall(r"^## .*: `(\w+)`", PAGE, re.MULTILINE) == list(VIEWS)
    for name in VIEWS:
        assert any(f" --format {name}" in command for command in COMMANDS)


def test_help_lists_the_views(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["trace", "--help"]) == 0
    out = capsys.readouterr().out
    for view in VIEWS.values():
        assert re.search(rf"^ +{view.name} +{re.escape(view.about)}$", out, re.MULTILINE)
