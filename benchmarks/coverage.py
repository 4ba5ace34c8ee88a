"""What coverage costs tests: python benchmarks/coverage.py.

Suites of short tests, of a device that has booted, with and without `--w800-coverage`, the report included:
CPU time of the whole of pytest, both in turns, the best of some runs. The first ones, which translate, do
not count. What the tests themselves cost is the difference of the two suites: start and report are in both.
Long programs are in benchmarks/traces.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 4
SIZES = (10, 100)
TESTS = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_a_setting_is_kept(booted_dut, number):
    for name in ("one", "two", "three"):
        booted_dut.write(f'AT+SSID="{{name}} {{number}}"\\r\\n')
        booted_dut.expect(r"\\+OK")
    booted_dut.machine.power_cycle()
    booted_dut.expect("init finished")
"""
SETTINGS = f"[pytest]\nw800_firmware = {ROOT / 'roms/atcmd/atcmd.elf'}\nw800_booted = init finished\n"


def cpu_seconds(folder: Path, *options: str) -> float:
    """What a run of the tests of a folder takes."""
    before = os.times()
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def show(name: str, plain: float, covered: float) -> None:
    """Print a row."""
    print(f"{name:<15} {plain:8.2f} s {covered:7.2f} s {covered / plain:6.2f}", flush=True)


def main() -> None:
    """Measure and print."""
    print(f"{'':<15} {'plain':>10} {'coverage':>9} {'ratio':>6}")
    taken = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "pytest.ini").write_text(SETTINGS)
            (folder / "test_settings.py").write_text(TESTS.format(count=count))
            ways = ((), ("--w800-coverage=all.info",))
            turns = [[cpu_seconds(folder, *options) for options in ways] for _ in range(RUNS)]
        plain, covered = map(min, zip(*turns[1:], strict=True))
        show(f"{count} tests", plain, covered)
        taken.append((plain, covered))
    few, many = taken
    show(f"{SIZES[1] - SIZES[0]} tests alone", many[0] - few[0], many[1] - few[1])


if __name__ == "__main__":
    main()
