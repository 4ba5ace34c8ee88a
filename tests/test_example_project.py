"""The example project is green, by the very commands that its CI files have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.plugin import plugin_options

yaml = pytest.importorskip("yaml")

PROJECT = Path(__file__).resolve().parent.parent
EXAMPLE = PROJECT / "examples" / "firmware-tests"
UPDATE = "if the firmware has changed as was meant, update baseline.json: see the example's README"
MODULES = {"pytest": "pytest", "w800emu": "emu.cli", "gcovr": "gcovr"}
"""Of the commands that are run here; others, such as pip, prepare the machines of the services."""
GITLAB = {"CI": "true", "CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "2", "PYTHONPATH": str(PROJECT)}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of it, which finds the firmware where it was."""
    folder = tmp_path / "examples" / "firmware-tests"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", "*.xml", "*.html"))
    (tmp_path / "roms").mkdir()
    shutil.copytree(PROJECT / "roms" / "atcmd", tmp_path / "roms" / "atcmd")
    return folder


def github(file: dict[str, Any]) -> list[str]:
    return [step["run"] for step in file["jobs"]["firmware"]["steps"] if "run" in step]


def gitlab(file: dict[str, Any]) -> list[str]:
    return [line for job in file.values() for line in job["script"]]


def run(line: str, folder: Path) -> None:
    command, *arguments = line.partition(" >> ")[0].split()
    if command not in MODULES:
        return
    arguments = [re.sub(r"\$(\w+)", lambda name: GITLAB[name[1]], argument) for argument in arguments]
    options = plugin_options() if command == "pytest" else ()
    done = subprocess.run(
        [sys.executable, "-m", MODULES[command], *options, *arguments],
        cwd=folder,
        env={**os.environ, **GITLAB},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}\n{UPDATE}"


@pytest.mark.parametrize(
    ("file", "lines_of", "written"),
    [
        (".github/workflows/firmware.yml", github, ["tests.xml", "lcov.info", "compare.html", "cuts.xml", "cuts.html"]),
        (".gitlab-ci.yml", gitlab, ["tests.xml", "coverage.xml", "compare.html", "cuts.xml"]),
    ],
)  # fmt: skip
def test_the_commands_of_its_ci_are_green(
    example: Path, file: str, lines_of: Any, written: list[str]
) -> None:
    for line in lines_of(yaml.safe_load((example / file).read_text(encoding="utf-8"))):
        run(line, example)
    assert [name for name in written if not (example / name).stat().st_size] == []


@pytest.mark.parametrize("file", [".github/workflows/firmware.yml", ".gitlab-ci.yml"])
def test_the_page_about_ci_shows_its_files(file: str) -> None:
    assert (EXAMPLE / file).read_text(encoding="utf-8") in (PROJECT / "docs/ci.md").read_text(
        encoding="utf-8"
    )
