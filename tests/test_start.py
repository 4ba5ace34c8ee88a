"""The start script, imported from the project folder; nothing is installed here."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "start.py"


def imported() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("start", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module that believes to live in an empty project, and whose programs all succeed."""
    module = imported()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.setattr(module, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "python")
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    return module


@pytest.fixture
def calls(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run."""
    made: list[list[str]] = []

    def call(command: list[object], **_: object) -> int:
        made.append([str(part) for part in command])
        return 0

    def create(environment: Path, **_: object) -> None:
        environment.mkdir()
        (environment / "python").touch()

    monkeypatch.setattr(start.subprocess, "call", call)
    monkeypatch.setattr(start.venv, "create", create)
    return made


def test_the_first_use_installs_and_the_next_one_only_runs(start: ModuleType, calls: list[list[str]]) -> None:
    python = str(start.PYTHON)
    run = [python, "-m", "emu.cli", "run", "--stats"]
    assert start.main(["demo", "--stats"]) == 0
    assert [command[1:4] for command in calls[:-1]] == [["-m", "pip", "install"]]
    assert calls[-1] == run
    calls.clear()
    assert start.main(["demo", "--stats"]) == 0
    assert calls == [run]


def test_a_changed_project_file_installs_again(start: ModuleType, calls: list[list[str]]) -> None:
    start.main(["test"])
    (start.PROJECT / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    calls.clear()
    start.main(["test"])
    assert len(calls) == 2


def test_without_ensurepip_it_says_which_package_to_install(
    start: ModuleType,
    calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    assert start.main(["setup"]) == 1
    message = "this Python cannot make virtual environments: install the package python3-venv"
    assert capsys.readouterr().err.endswith(f"start.py: error: {message}\n")
    assert calls == []


def test_a_failing_installation_is_one_line_and_is_tried_again(
    start: ModuleType,
    calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(start.subprocess, "call", lambda *_, **__: 1)
    assert start.main(["demo"]) == 1
    assert capsys.readouterr().err.endswith(
        "start.py: error: pip could not install what is needed; its message is above\n"
    )
    assert not list(start.ENVIRONMENT.glob("installed-*"))


def test_an_old_python_is_told_what_is_needed(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start.sys, "version_info", (3, 10))
    assert start.main(["demo"]) == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["frobnicate"], 2), (["--help"], 0)])
def test_without_a_verb_it_explains_itself(
    start: ModuleType, arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(arguments) == code
    assert "usage: python3 start.py VERB" in capsys.readouterr().out
