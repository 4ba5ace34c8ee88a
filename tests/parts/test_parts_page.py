"""What the page about parts, and the example of a package, say is so."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops
from support.parts import Bench, I2cMaster

from emu.boards import read_board
from emu.parts import table
from emu.parts.table import part_kinds

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/parts.md").read_text(encoding="utf-8")
EXAMPLE = PROJECT / "examples/w800emu-thermistor"
TOML, PYTHON, PART = re.findall(r"```(?:toml|python)\n(.*?)```", PAGE, re.DOTALL)


def test_the_table_has_all_parts() -> None:
    assert [kind for kind in part_kinds() if f"`{kind}`" not in PAGE] == []


def test_the_board_file_is_right(tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text(TOML)
    assert [part.name for part in read_board(tmp_path / "board.toml").parts] == ["ok", "oled", "memory"]


def test_the_code_makes_the_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If not: run the code of the page in the folder of the project."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs/pictures/parts").mkdir(parents=True)
    (tmp_path / "tests/firmware/programs").mkdir(parents=True)
    shutil.copy(PROJECT / "tests/firmware/programs/board.elf", tmp_path / "tests/firmware/programs")
    exec(compile(PYTHON.replace('board.elf"', 'board.elf", cache=False'), "parts.md", "exec"), {})
    for name in ("oled", "tft", "strip"):
        place = f"docs/pictures/parts/{name}.png"
        with Image.open(tmp_path / place) as made, Image.open(PROJECT / place) as kept:
            assert ImageChops.difference(made, kept).getbbox() is None


def test_the_part_in_30_lines_works() -> None:
    names: dict[str, type] = {}
    exec(compile(PART, "parts.md", "exec"), names)
    part = Bench("scl", "sda").attach(names["Lm75"](celsius=-25))
    assert I2cMaster(part).ask(0x48, 0, count=2) == b"\xe7\x00"
    assert len(PART.splitlines()) <= 30


def _loaded(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_example_of_a_package_is_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    [(name, value)] = project["entry-points"][table.GROUP].items()
    module, _, attribute = value.partition(":")
    monkeypatch.setitem(sys.modules, module, _loaded(module, EXAMPLE / module / "__init__.py"))
    kind = getattr(sys.modules[module], attribute)
    assert kind.kind == name
    monkeypatch.setattr(table, "PARTS", (*table.PARTS, kind))
    assert [part.kind for part in read_board(EXAMPLE / "board.toml").parts] == [kind]
    tests = _loaded("of_the_example", EXAMPLE / "tests/test_thermistor_switch.py")
    tests.test_it_switches_with_hysteresis(with_snapshot=False)
    tests.test_it_switches_with_hysteresis(with_snapshot=True)
