"""Any instruction of any built-in program is a place to come back to, from memory and from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.going_back import check_random_places

from emu import Machine, Network
from emu.machine.demo import OVER_THE_AIR_FIRMWARE, over_the_air_network
from emu.options import EngineName

TOP = Path(__file__).parents[2]
LONGEST_NS = 2_000_000_000
LONGEST = 3_000_000
PROGRAMS: list[Path | None] = [
    None,  # the demo
    *sorted((TOP / "roms" / "atcmd").glob("*cmd.img")),
    *sorted((TOP / "roms" / "classic").glob("*[0-9].img")),
    *sorted((TOP / "tests" / "firmware" / "programs").glob("*.elf")),
]
BENCHMARKS = sorted((TOP / "roms" / "benchmark").rglob("*.w800.elf"))


def check(
    program: Path | None, places: int, folder: Path, longest: int, network: Network | None = None
) -> None:
    def make(engine: EngineName) -> Machine:
        cache = folder / "translations"
        return Machine.load(program, cache=cache, on_crash="continue", engine=engine, network=network)

    machine = make("translator")
    machine.run(LONGEST_NS)
    check_random_places(make, min(machine.executed, longest), places, on_ns=200_000, folder=folder)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem if path else "demo")
def test_a_program(program: Path | None, places: int, tmp_path: Path) -> None:
    check(program, places, tmp_path, LONGEST)


def test_a_program_in_a_network(places: int, tmp_path: Path) -> None:
    check(OVER_THE_AIR_FIRMWARE, places, tmp_path, LONGEST, over_the_air_network())


@pytest.mark.parametrize("program", BENCHMARKS, ids=lambda path: f"{path.parent.name}-{path.stem[:-5]}")
def test_a_benchmark(program: Path, places: int, tmp_path: Path) -> None:
    check(program, -(-places // 10), tmp_path, 100_000)
