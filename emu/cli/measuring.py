"""How builds are measured that are compared: by a scenario, or by the tests of a pytest file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.scenario_options import take_scenario
from emu.escape import as_argument

if TYPE_CHECKING:
    from emu.regress.compare.measurement import Measurement

Measuring = Callable[[Path, dict[str, Any]], "Measurement"]
"""Measures a firmware on a machine with these options."""


def take_measuring(scenario: Path | None, expect: str | None, max_time: int | None) -> Measuring:
    """What is asked for."""
    if scenario is not None and (scenario.name.startswith("test_") or scenario.stem.endswith("_test")):
        if expect is not None or max_time is not None:
            raise click.UsageError("--scenario says it all: leave out --expect and --max-time")
        return partial(_measure_tests, scenario)
    from emu.regress.compare.measuring import measure

    return partial(measure, take_scenario(scenario, expect, max_time))


def measured(measuring: Measuring, path: Path, options: dict[str, Any]) -> Measurement:
    """That of a firmware, or a baseline."""
    from emu.regress.compare.measurement import Measurement

    return Measurement.read(path) if path.suffix == ".json" else measuring(path, options)


def _measure_tests(tests: Path, firmware: Path, options: dict[str, Any]) -> Measurement:
    import subprocess  # few comparisons need these
    from importlib.metadata import entry_points
    from tempfile import TemporaryDirectory

    from emu.machine import MachineError
    from emu.regress.compare.measurement import Measurement

    if options:
        raise click.UsageError(f"{tests} says what its devices are: leave out {', '.join(options)}")
    plugins = ["-p", "no:cacheprovider"]
    plugins += [] if "w800emu" in entry_points(group="pytest11").names else ["-p", "emu.pytest_plugin"]
    plugins += ["-n", "0"] if find_spec("xdist") else []  # whatever the ini file says
    with TemporaryDirectory() as folder:
        output = Path(folder) / "measurement.json"
        given = f"--w800-firmware={firmware.resolve()}", f"--w800-measurement={output}"
        command = [sys.executable, "-m", "pytest", "-q", *plugins, *given, str(tests)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            again = f"pytest {as_argument(tests)} --w800-firmware={as_argument(firmware)}"
            raise MachineError(f"{firmware}: {tests} fails: {last}; `{again}` tells why")
        found = Measurement.read(output)
    found.name, found.scenario = firmware.name, tests.stem
    return found
