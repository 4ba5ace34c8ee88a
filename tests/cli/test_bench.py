from __future__ import annotations

import json

import pytest

from emu.bench import suite
from emu.bench.suite import BenchmarkError, Measurement, Program
from emu.cli.__main__ import run_command_line

RATIOS = {"sort": 1.0, "crc": 4.0, "fft": 2.0}


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A suite of three programs; how often each was to be run."""
    asked: list[int] = []

    def measured(program: Program, repeat: int) -> Measurement:
        asked.append(repeat)
        return Measurement(program, RATIOS[program.name] / 8, 0.125, 50_000_000)

    chosen = [Program("integer", "crc"), Program("integer", "sort"), Program("float", "fft")]
    monkeypatch.setattr(suite, "programs", lambda: iter(chosen))
    monkeypatch.setattr(suite, "measure", measured)
    return asked


def test_a_table_has_a_row_for_each_program_and_means_of_groups(
    repeats: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["bench"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["W800", "s", "MIPS", "AArch64", "s", "ratio"],
        ["integer"],
        ["crc", "0.500", "100", "0.125", "4.00"],
        ["sort", "0.125", "400", "0.125", "1.00"],
        ["geometric", "mean", "2.00"],
        ["float"],
        ["fft", "0.250", "200", "0.125", "2.00"],
        ["geometric", "mean", "2.00"],
        ["all,", "geometric", "mean", "2.00"],
        ["(a", "ratio", "of", "1.00", "is", "the", "limit", "of", "the", "engine)"],
    ]
    assert repeats == [3, 3, 3]


def test_json_has_the_same_figures(repeats: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["bench", "--json", "--only", "crc", "--only", "fft", "--repeat", "5"]) == 0
    fft = {"group": "float", "name": "fft", "w800_s": 0.25, "mips": 200.0, "aarch64_s": 0.125, "ratio": 2.0}
    report = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in report["programs"]] == ["crc", "fft"]
    assert report["programs"][1] == fft
    assert report["geometric_means"] == pytest.approx({"integer": 4.0, "float": 2.0, "all": 8**0.5})
    assert repeats == [5, 5]


@pytest.mark.parametrize(
    ("name", "hint"), [("sotr", "did you mean sort?"), ("xyz", "there are crc, sort, fft")]
)
def test_an_unknown_name_is_told(
    name: str, hint: str, repeats: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["bench", "--only", "sort", "--only", name]) == 2
    assert f"--only: no program is called '{name}'; {hint}" in capsys.readouterr().err
    assert repeats == []


def test_different_checksums_are_an_error(
    repeats: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def differs(program: Program, _: int) -> Measurement:
        raise BenchmarkError(f"{program.name}: different checksums")

    monkeypatch.setattr(suite, "measure", differs)
    assert run_command_line(["bench"]) == 1
    assert "error: crc: different checksums" in capsys.readouterr().err
