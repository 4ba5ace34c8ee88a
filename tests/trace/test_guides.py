"""The guides: their commands work, and say what the guides show."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.guides import GUIDES, scenario_of

from emu.cli.__main__ import run_command_line
from emu.cli.exit_code import ExitCode

TOP = Path(__file__).parents[2]
FIRMWARE = {
    "app.elf": "tests/firmware/programs/tasks.elf",
    "old.elf": "tests/trace/programs/before.elf",
    "new.elf": "tests/trace/programs/slow.elf",
    "loader.elf": "tests/regress/programs/early_erase.elf",
    "console.elf": "tests/regress/programs/console.elf",
    "console.py": "tests/regress/scenarios/console.py",
}
FAILING = {
    "run": (ExitCode.SUCCESS, ExitCode.FAILURE, ExitCode.TIME_UP),
    "trace-diff": (ExitCode.FAILURE,),
    "powercut": (ExitCode.FAILURE,),
    "explore": (ExitCode.FAILURE,),
    "fuzz": (ExitCode.FAILURE,),
}
"""Runs end as they do; the builds that are compared differ; in the others there is something to find."""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_shows_what_its_commands_say(
    guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = re.sub(r"^```.*?^```", "", guide.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for name, path in FIRMWARE.items():
        shutil.copy(TOP / path, tmp_path / name)
    (tmp_path / "story.py").write_text(scenario_of(guide))
    monkeypatch.chdir(tmp_path)
    said = ""
    for command in re.findall(r"^    w800emu (.+)$", text, re.MULTILINE):
        arguments = shlex.split(command)
        if arguments[0] == "run":
            arguments.append("--no-cache")
        assert run_command_line(arguments) in FAILING.get(arguments[0], (ExitCode.SUCCESS,)), command
        said += capsys.readouterr().out + "\n"
    shown = [
        line for line in re.findall(r"^    (.+)$", text, re.MULTILINE) if not line.startswith("w800emu ")
    ]
    lines = {line.strip() for line in said.splitlines()}
    assert [line for line in shown if line.strip() not in lines] == []
    for picture in tmp_path.glob("*.svg"):
        assert ElementTree.parse(picture).getroot().tag == f"{SVG}svg"


@pytest.mark.parametrize(
    "picture", sorted((TOP / "docs/guides/pictures").iterdir()), ids=lambda path: path.stem
)
def test_a_picture_is_shown_by_a_guide(picture: Path) -> None:
    assert any(f"](pictures/{picture.name})" in guide.read_text(encoding="utf-8") for guide in GUIDES)
