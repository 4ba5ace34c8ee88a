"""The trace of what has happened last, written when it has happened."""

from __future__ import annotations

from pathlib import Path

from emu.machine.machine import Machine
from emu.trace.recorder import TraceRecorder


def trace_last(machine: Machine, path: str | Path, last_ns: int, until_ns: int | None = None) -> None:
    """Write the trace of the last `last_ns` before `until_ns`, or before now, of a recorded machine.

    The machine goes back, and comes again to where it was; nobody hears of it. MachineError if it is not
    recorded.
    """
    end_ns, executed, is_at_check_point = (
        machine.now_ns,
        machine.executed,
        machine._recorder.is_at_check_point,
    )
    beginning = machine._recorder.beginning
    until_ns = machine.now_ns if until_ns is None else until_ns
    begin_ns = max(until_ns - last_ns, beginning.now_ns if beginning else 0)
    machine.go_to(begin_ns / 1e9)
    with TraceRecorder(machine, path):
        machine.go_to(until_ns / 1e9)
    if is_at_check_point:  # also where it sleeps
        machine.go_to(end_ns / 1e9)
    else:
        machine.go_to(executed=executed)
