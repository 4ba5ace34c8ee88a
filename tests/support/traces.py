"""Traces of the program `traced`, of which the tests of the views know what it does."""

from __future__ import annotations

from pathlib import Path

from emu import Machine
from emu.options import EngineName
from emu.trace.recorder import TraceRecorder
from emu.trace.selection import ALL, Selection
from emu.trace.trace import Trace
from emu.trace.views.table import VIEWS

PROGRAMS = Path(__file__).parents[1] / "firmware" / "programs"
MS = 1_000_000


def load(program: Path | None, engine: EngineName = "translator") -> Machine:
    return Machine.load(program, engine=engine, cache=False, on_crash="continue")


def trace_of(machine: Machine, path: Path, time_ns: int) -> Trace:
    """What so much time of a machine is."""
    with TraceRecorder(machine, path):
        machine.run(time_ns)
    return Trace(path)


def shown(trace: Trace, form: str, selection: Selection = ALL) -> bytes:
    """What a view writes."""
    written: list[bytes] = []
    VIEWS[form].show(
        trace, selection, lambda data: written.append(data.encode() if isinstance(data, str) else data)
    )
    return b"".join(written)
