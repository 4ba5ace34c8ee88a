"""Measures the devices of all tests together, for `w800emu compare --scenario test_app.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emu.machine import Machine

OPTION = "--w800-measurement"
HELP = "write what is measured of the devices of all tests, as `w800emu compare --save` does"
_FOUND = pytest.StashKey[list[Any]]()
"""Measurements."""


def add_option(group: pytest.OptionGroup) -> None:
    """Declare the option."""
    group.addoption(OPTION, metavar="FILE", help=HELP)


@contextmanager
def measured(config: pytest.Config, machine: Machine, name: str) -> Iterator[None]:
    """Measure what a machine does meanwhile, if that is asked for; `name` is that of the test."""
    if config.getoption(OPTION) is None:
        yield
        return
    from emu.regress.compare.measurement import Measurement
    from emu.regress.compare.measuring import Watch, add_executed
    from emu.trace.recorder import TraceRecorder

    watch = Watch(machine)
    with TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        with TraceRecorder(machine, trace):
            yield
        found = watch.close(Measurement(name))
        add_executed(found, trace, machine._views.now().elf)
    config.stash.setdefault(_FOUND, []).append(found)


def write(config: pytest.Config) -> None:
    """Write the sum at the end of the session, if that is asked for."""
    given: str | None = config.getoption(OPTION)
    if given is None:
        return
    from emu.loader import write_atomically
    from emu.regress.compare.measurement import Measurement
    from emu.regress.compare.sum_of_tests import sum_of

    found = config.stash.get(_FOUND, [])
    total = sum_of(found) if found else Measurement("no tests")
    write_atomically(config.rootpath / given, total.to_json().encode())
