from __future__ import annotations

import re
from pathlib import Path

import pytest

import roms
from emu.bench import builds
from emu.bench.builds import EmulatedBenchmark, NativeBenchmark
from emu.cli.__main__ import run_command_line

PROGRAMS = Path(roms.__file__).parent / "benchmark"


def test_both_builds_compute_the_same_checksum() -> None:
    emulated, native = EmulatedBenchmark(PROGRAMS / "w800.elf"), NativeBenchmark(PROGRAMS / "aarch64.elf")
    assert emulated.run() > 0
    assert native.run() > 0
    assert emulated.checksum() == native.checksum() != bytes(4)


class FakeBenchmark:
    """Takes the times it is told to, one after the other."""

    def __init__(self, times: list[float], checksum: bytes = b"same") -> None:
        self._times = times
        self._checksum = checksum

    def run(self) -> float:
        return self._times.pop(0)

    def mips(self, seconds: float) -> float:
        return 1000 / seconds

    def checksum(self) -> bytes:
        return self._checksum


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> FakeBenchmark:
    emulated = FakeBenchmark([9.0, 3.0, 2.4])
    native = FakeBenchmark([2.0, 2.5])
    monkeypatch.setattr(builds, "EmulatedBenchmark", lambda _: emulated)
    monkeypatch.setattr(builds, "NativeBenchmark", lambda _: native)
    return native


def test_the_best_runs_make_the_ratio(native: FakeBenchmark, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["bench", "--rounds", "2"]) == 0
    assert re.search(r"^ratio +1\.20 ", capsys.readouterr().out, re.MULTILINE)


def test_different_checksums_are_an_error(native: FakeBenchmark, capsys: pytest.CaptureFixture[str]) -> None:
    native._checksum = b"else"
    assert run_command_line(["bench", "--rounds", "2"]) == 1
    assert "different checksums" in capsys.readouterr().err
