"""What coverage costs: python benchmarks/coverage.py [ROW...], rows by the beginnings of their names.

Suites of short tests, with and without `--w800-coverage`, the report included: CPU time of the whole of
pytest, both in turns, the best of some runs, and the first one, which finds nothing on disk but bytecode.
What tests cost alone is the difference of two suites: start and report are in both. Without pytest: the
command as a whole, and a device that is made, boots and ends, in a process that has made others; both tell
all that they execute. Long programs are in benchmarks/traces.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import NamedTuple

import emu.trace
from emu import Machine

ROOT = Path(__file__).parents[1]
ATCMD = ROOT / "roms/atcmd/atcmd.elf"
RUNS = 5
BOOTED = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_a_setting_is_kept(booted_dut, number):
    for name in ("one", "two", "three"):
        booted_dut.write(f'AT+SSID="{{name}} {{number}}"\\r\\n')
        booted_dut.expect(r"\\+OK")
    booted_dut.machine.power_cycle()
    booted_dut.expect("init finished")
"""
POWER_CYCLES = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_a_setting_survives(dut, number):
    dut.expect("init finished")
    dut.write(f'AT+SSID="name {{number}}"\\r\\n')
    dut.expect(r"\\+OK")
    dut.machine.power_cycle()
    dut.expect("init finished")
"""
SETTINGS = f"[pytest]\nw800_firmware = {ATCMD}\nw800_booted = init finished\n"


class Cost(NamedTuple):
    """Seconds of CPU time without and with coverage: of the first run, and the best of the others."""

    first: tuple[float, float]
    best: tuple[float, float]


def cost(plain: Callable[[], float], covered: Callable[[], float], runs: int) -> Cost:
    """Measure both in turns."""
    turns = [(plain(), covered()) for _ in range(runs + 1)]
    best_plain, best_covered = map(min, zip(*turns[1:], strict=True))
    return Cost(turns[0], (best_plain, best_covered))


def cpu_seconds(folder: Path, *arguments: str) -> float:
    """What a module's run takes in a folder, which also keeps bytecode and translations."""
    kept = {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "XDG_CACHE_HOME": str(folder / "cache")}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **kept}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, whole = os.times(), (sys.executable, "-m", *arguments)
    subprocess.run(whole, cwd=folder, env=environment, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def suite(tests: str, count: int) -> Cost:
    """That of so many tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text(SETTINGS)
        (folder / "test_settings.py").write_text(tests.format(count=count))
        run = partial(cpu_seconds, folder, "pytest", "-q", "-p", "no:cacheprovider")
        run("-k", "[0]", "--w800-no-cache", "--w800-coverage=all.info")  # writes bytecode
        return cost(run, lambda: run("--w800-coverage=all.info"), RUNS)


def command() -> Cost:
    """That of a run up to the end of the boot."""
    with tempfile.TemporaryDirectory() as name:
        run = partial(cpu_seconds, Path(name), "emu.cli", "run", str(ATCMD), "--expect", "init finished")
        run("--no-cache", "--coverage", "it.coverage")  # writes bytecode
        return cost(run, lambda: run("--coverage", "it.coverage"), 2 * RUNS)


def device() -> Cost:
    """That of a device alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def seconds(*, is_covered: bool) -> float:
            start = time.process_time()
            with (
                Machine.load(ATCMD, cache=folder) as machine,
                emu.trace.cover(machine, folder / "it.coverage") if is_covered else nullcontext(),
            ):
                machine.uart0.expect("init finished")
            return time.process_time() - start

        return cost(lambda: seconds(is_covered=False), lambda: seconds(is_covered=True), 4 * RUNS)


def alone(few: Cost, many: Cost) -> Cost:
    """That of the tests which one suite has and the other one has not."""
    first, best = ((more[0] - less[0], more[1] - less[1]) for more, less in zip(many, few, strict=True))
    return Cost(first, best)


def show(name: str, measured: Cost) -> None:
    """Print a row."""
    columns = (f"{plain:8.2f} s {covered:7.2f} s {covered / plain:6.2f}" for plain, covered in measured)
    print(f"{name:<27}" + "  ".join(columns), flush=True)


ROWS: dict[str, Callable[[], Cost]] = {
    "10 tests": lambda: suite(BOOTED, 10),
    "100 tests": lambda: suite(BOOTED, 100),
    "60 tests with power cycles": lambda: suite(POWER_CYCLES, 60),
    "w800emu run": command,
    "a device": device,
}


def main() -> None:
    """Measure and print."""
    print(f"{'':<27}{'first run':>28}{'later':>30}")
    print(f"{'':<27}" + "  ".join([f"{'plain':>10} {'coverage':>9} {'ratio':>6}"] * 2))
    measured: dict[str, Cost] = {}
    for name, measure in ROWS.items():
        if name.startswith(tuple(sys.argv[1:]) or ""):
            measured[name] = measure()
            show(name, measured[name])
    if {"10 tests", "100 tests"} <= measured.keys():
        show("90 tests alone", alone(measured["10 tests"], measured["100 tests"]))


if __name__ == "__main__":
    main()
