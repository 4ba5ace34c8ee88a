"""The programs of the suite, each measured on the emulated chip against the limit of the engine."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean
from typing import Final

import roms
from emu.bench.builds import EmulatedBuild, NativeBuild

GROUPS: Final = ("integer", "float", "ram_code")
"""Folders of roms/benchmark: code in flash, code in flash that uses the FPU, code copied into RAM."""

_FOLDER: Final = Path(roms.__file__).parent / "benchmark"
_W800, _AARCH64 = ".w800.elf", ".aarch64.elf"


class BenchmarkError(Exception):
    """The two builds of a program do not do the same."""


@dataclass(frozen=True, slots=True)
class Program:
    """One C source, built for both machines."""

    group: str
    name: str

    @property
    def w800_elf(self) -> Path:
        """The build that runs on the emulated chip."""
        return _FOLDER / self.group / f"{self.name}{_W800}"

    @property
    def aarch64_elf(self) -> Path:
        """The build that Unicorn runs by itself."""
        return _FOLDER / self.group / f"{self.name}{_AARCH64}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Both builds of a program doing the same work; the best of some calls each, in CPU seconds."""

    program: Program
    w800_s: float
    aarch64_s: float
    instructions: int
    """Guest instructions of the W800's build."""

    @property
    def mips(self) -> float:
        """Million guest instructions a second."""
        return self.instructions / self.w800_s / 1e6

    @property
    def ratio(self) -> float:
        """1 is the limit of the engine."""
        return self.w800_s / self.aarch64_s


def programs() -> Iterator[Program]:
    """All that the package has, by group and name."""
    for group in GROUPS:
        for elf in sorted((_FOLDER / group).glob(f"*{_W800}")):
            yield Program(group, elf.name.removesuffix(_W800))


def measure(program: Program, repeat: int) -> Measurement:
    """Call both builds in turns, `repeat` times each; translation is not counted.

    BenchmarkError if they compute different checksums.
    """
    gc.collect()  # the machine of the program before is made of circles
    emulated, native = EmulatedBuild(program.w800_elf), NativeBuild(program.aarch64_elf)
    emulated.call(1)  # translates
    native.call(1)
    rounds = emulated.rounds
    pairs = [(emulated.call(rounds), native.call(rounds)) for _ in range(repeat)]
    if len({call.result for pair in pairs for call in pair}) != 1:
        raise BenchmarkError(f"{program.name}: the two builds computed different checksums")
    w800_s, aarch64_s = (min(call.seconds for call in calls) for calls in zip(*pairs, strict=True))
    return Measurement(program, w800_s, aarch64_s, emulated.instructions)


def mean_ratio(measurements: Iterable[Measurement]) -> float:
    """The geometric mean of the ratios."""
    return geometric_mean(measurement.ratio for measurement in measurements)
