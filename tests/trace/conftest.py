"""A trace that the tests of all views share."""

from __future__ import annotations

import pytest
from support.traces import MS, PROGRAMS, load, trace_of

from emu.trace.trace import Trace


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """0.3 s of the program tests/firmware/programs/traced."""
    return trace_of(
        load(PROGRAMS / "traced.elf"), tmp_path_factory.mktemp("trace") / "traced.trace", 300 * MS
    )
