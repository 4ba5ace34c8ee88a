"""No run grows with its time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emu.dbt.engine import TranslatorEngine
from emu.machine import Machine

ENTRIES = 100_000
SLICE_NS = 1_000_000_000


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


@pytest.mark.timeout(120)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/statm, which only Linux has")
def test_entries_into_translated_code_leave_no_memory_behind() -> None:
    with Machine.load(cache=False) as machine:
        engine = machine.board.core.engine
        assert isinstance(engine, TranslatorEngine)
        machine.uart0.expect("atcmd init finished", timeout_s=10)
        machine.run(SLICE_NS)
        before, entries = resident_bytes(), engine.statistics.host_runs
        while engine.statistics.host_runs - entries < ENTRIES:
            machine.run(SLICE_NS)
        assert resident_bytes() - before < 20e6
