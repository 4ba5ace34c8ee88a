"""The commands of the gallery make its pictures. If they shall be others: run them in the folder of the project."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from emu.cli.__main__ import run_command_line

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/gallery.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
PICTURES = re.findall(r"!\[.*?\]\((.*?)\)", PAGE)
TEXTS = re.findall(r"\[.*?\]\(([^)]*\.txt)\):\n\n```\n(.*?)```", PAGE, re.DOTALL)


def test_the_commands_make_the_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("docs/gallery", "tests/firmware/programs"):
        (tmp_path / folder).mkdir(parents=True)
        for file in (PROJECT / folder).iterdir():
            if file.suffix in (".toml", ".elf"):
                shutil.copy(file, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        program, *arguments = shlex.split(command)
        assert (program, run_command_line([*arguments, "--no-cache", "--max-time", "5s"])) == ("w800emu", 0)
    assert len(TEXTS) >= 1
    for place, text in TEXTS:
        made_text = (tmp_path / "docs" / place).read_text(encoding="utf-8")
        assert made_text == (PROJECT / "docs" / place).read_text(encoding="utf-8") == text, place
    assert len(PICTURES) >= 5
    for place in PICTURES:
        with Image.open(tmp_path / "docs" / place) as made, Image.open(PROJECT / "docs" / place) as kept:
            assert ImageChops.difference(made.convert("RGB"), kept.convert("RGB")).getbbox() is None, place
