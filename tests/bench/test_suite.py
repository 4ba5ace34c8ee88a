from __future__ import annotations

from pathlib import Path

import pytest

from emu.bench import suite
from emu.bench.builds import EmulatedBuild, NativeBuild
from emu.bench.native import Call
from emu.bench.suite import BenchmarkError, Measurement, Program, mean_ratio, measure, programs

SOURCES = Path(__file__).parents[2] / "benchmarks" / "programs"
PROGRAMS = tuple(programs())


class FakeBuild:
    """Takes the times that it is told, one after the other."""

    rounds = 10
    instructions = 6_000_000

    def __init__(self, *seconds: float, result: int = 7) -> None:
        self._seconds = list(seconds)
        self._result = result
        self.calls: list[int] = []

    def call(self, rounds: int) -> Call:
        self.calls.append(rounds)
        return Call(self._seconds.pop(0), self._result)


def measured(emulated: FakeBuild, native: FakeBuild, monkeypatch: pytest.MonkeyPatch) -> Measurement:
    monkeypatch.setattr(suite, "EmulatedBuild", lambda _: emulated)
    monkeypatch.setattr(suite, "NativeBuild", lambda _: native)
    return measure(Program("integer", "sort"), 2)


def test_there_is_a_program_for_each_source_and_a_name_for_each_program() -> None:
    sources = {(path.parent.name, path.stem) for path in SOURCES.glob("*/*.c")}
    in_flash = {(program.group, program.name) for program in PROGRAMS if program.group != "ram_code"}
    assert in_flash == sources
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS) > 25


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_builds_of_a_program_do_the_same(program: Program) -> None:
    native, translated = NativeBuild(program.aarch64_elf), EmulatedBuild(program.w800_elf)
    interpreted = EmulatedBuild(program.w800_elf, "interpreter")
    once, twice = native.call(1).result, native.call(2).result
    assert once != twice
    assert translated.call(1).result == interpreted.call(1).result == once
    assert translated.instructions == interpreted.instructions
    assert translated.call(2).result == twice, "what it computes depends on the call before"
    assert translated.rounds == native.rounds


def test_code_in_ram_runs_there_and_other_code_in_flash() -> None:
    places = {}
    for name in ("sort", "sort_in_ram"):
        (program,) = (program for program in PROGRAMS if program.name == name)
        places[name] = EmulatedBuild(program.w800_elf).address >> 24
    assert places == {"sort": 0x08, "sort_in_ram": 0x20}


def test_the_best_calls_count_and_those_that_translate_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    emulated, native = FakeBuild(0.1, 3.0, 2.4), FakeBuild(0.1, 2.0, 2.5)
    measurement = measured(emulated, native, monkeypatch)
    assert emulated.calls == native.calls == [1, 10, 10]
    assert (measurement.w800_s, measurement.aarch64_s) == (2.4, 2.0)
    assert measurement.ratio == pytest.approx(1.2)
    assert measurement.mips == pytest.approx(2.5)


def test_different_checksums_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BenchmarkError, match="sort: the two builds computed different checksums"):
        measured(FakeBuild(1, 1, 1), FakeBuild(1, 1, 1, result=8), monkeypatch)


def test_the_mean_of_ratios_is_geometric() -> None:
    def of_ratio(ratio: float) -> Measurement:
        return Measurement(Program("integer", "sort"), ratio, 1.0, 1)

    assert mean_ratio([of_ratio(2.0), of_ratio(0.5)]) == pytest.approx(1.0)
