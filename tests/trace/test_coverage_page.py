"""The commands of docs/coverage.md work, as they stand there, with our own firmware as app.elf."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from support.plugin import plugin_options

from emu.cli.__main__ import run_command_line

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "examples" / "firmware-tests"
PAGE = (PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
BLOCKS = [block.split("\n    ") for block in re.findall(r"\n    ((?:w800emu|pytest) .*(?:\n    .*)*)", PAGE)]


def blocks_with(text: str) -> list[list[list[str]]]:
    return [[shlex.split(line) for line in block] for block in BLOCKS if text in "\n".join(block)]


def carry_out(program: str, *arguments: str) -> None:
    if program == "w800emu":
        assert run_command_line([*arguments, *(["--no-cache"] if arguments[0] == "run" else [])]) == 0
    elif shutil.which(program):
        subprocess.run((program, *arguments), check=True, capture_output=True)


def test_runs_add_up_to_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(PROJECT / "roms" / "atcmd" / "atcmd.elf", tmp_path / "app.elf")
    (tmp_path / "roms").symlink_to(PROJECT / "roms")  # the sources
    monkeypatch.chdir(tmp_path)
    [commands] = blocks_with("genhtml")
    for command in commands:
        carry_out(*command)
    assert "end_of_record" in Path("app.info").read_text()


def test_tests_are_told_by_lines(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [[pytest_command, command]] = blocks_with("--w800-coverage-tests")
    monkeypatch.chdir(pytester.path)
    shutil.copy(EXAMPLE / "tests" / "test_settings.py", pytester.path / "test_of_the_example.py")
    firmware = f"--w800-firmware={PROJECT / 'roms' / 'atcmd' / 'atcmd.elf'}"
    pytester.runpytest_inprocess(
        *plugin_options(), firmware, "--w800-booted=init finished", "-k", "kept", *pytest_command[1:]
    ).assert_outcomes(passed=1)
    capsys.readouterr()
    carry_out(*command)
    assert "test_a_setting_is_kept_without_power" in capsys.readouterr().out
