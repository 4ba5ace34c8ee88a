"""The rules about files that no linter knows: sizes, names, and test files that mirror the source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = [path for top in ("emu", "peripherals", "roms") for path in sorted((PROJECT / top).rglob("*.py"))]
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
OTHERS = [PROJECT / "start.py", *sorted((PROJECT / "benchmarks").rglob("*.py"))]
LINES_ALLOWED = 400
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "globals", "globs", "manager"}


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", [*SOURCE, *TESTS, *OTHERS], ids=name_of)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LINES_ALLOWED


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {part for path in [*SOURCE, *TESTS] for part in path.relative_to(PROJECT).with_suffix("").parts}
    assert not parts & FORBIDDEN_NAMES


def test_every_todo_has_an_issue_number() -> None:
    open_ended = [
        f"{name_of(path)}: {line.strip()}"
        for path in SOURCE
        for line in path.read_text(encoding="utf-8").splitlines()
        if "TODO" in line and not re.search(r"TODO\(#\d+\)", line)
    ]
    assert not open_ended


def test_only_the_translator_and_its_measure_import_unicorn() -> None:
    importers = {
        name_of(path)
        for path in SOURCE
        if re.search(r"^\s*(import|from) unicorn\b", path.read_text("utf-8"), re.M)
    }
    assert all(name.startswith(("emu/dbt/", "emu/bench/")) for name in importers)


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in TESTS if path.name.startswith("test_")]
    assert len(names) == len(set(names))
