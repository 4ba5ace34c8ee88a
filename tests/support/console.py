"""Runs what pages show as a session at a terminal, and compares."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def sessions_of(page: Path) -> list[tuple[str, str]]:
    """Command and output of each block that begins with `$ w800emu`."""
    found = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        command, _, output = block.partition("\n")
        if command.startswith("$ w800emu "):
            found.append((command.removeprefix("$ w800emu "), output))
    return found


def check_sessions(page: Path, capsys: pytest.CaptureFixture[str]) -> int:
    """Run all of them in the current folder; how many there were."""
    sessions = sessions_of(page)
    for command, shown in sessions:
        capsys.readouterr()
        run_command_line(shlex.split(command))
        assert capsys.readouterr().out == shown, f"{page.name}: the output of `{command}` is another one"
    return len(sessions)
