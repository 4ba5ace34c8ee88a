"""`w800emu trace` says what is wrong, and what was left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.traces import MS, load, trace_of

from emu.cli.__main__ import run_command_line
from emu.cli.exit_code import ExitCode
from emu.trace.views import perfetto


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("trace") / "app.trace"
    trace_of(load(None), path, 80 * MS)
    return str(path)


def test_an_unknown_format_is_refused(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["trace", file, "--format", "xml"]) == ExitCode.USAGE
    assert "'xml' is none of events, calls, blocks" in capsys.readouterr().err


def test_a_missing_package_is_named(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "emu.trace.views.vcd", raising=False)
    monkeypatch.setitem(sys.modules, "vcd.writer", None)
    assert run_command_line(["trace", file, "--format", "vcd"]) == ExitCode.USAGE
    assert "this needs vcd.writer: pip install 'w800emu[trace]'" in capsys.readouterr().err


def test_what_was_left_out_is_told(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(perfetto.show, "__defaults__", (50,))
    output = tmp_path / "x.pftrace"
    assert run_command_line(["trace", file, "--format", "perfetto", "-o", str(output)]) == ExitCode.SUCCESS
    assert capsys.readouterr().err.startswith("w800emu: slices shorter than ")
    assert b"ns are left out" in output.read_bytes()
