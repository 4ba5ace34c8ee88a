"""Traces: what a run has executed, as a file that answers questions.

`record` writes one while a machine runs; `open` reads one (extra `trace`: it needs numpy).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emu.machine import Machine
    from emu.trace.calls import Change
    from emu.trace.coverage.file import CoverageFile
    from emu.trace.coverage.recorder import CoverageRecorder
    from emu.trace.data_accesses import DataAccess
    from emu.trace.recorder import TraceRecorder
    from emu.trace.selection import Selection
    from emu.trace.trace import Trace


def record(machine: Machine, path: str | Path) -> TraceRecorder:
    """Write all that a machine executes from now on to a file; close it, or use it in a `with` statement."""
    from emu.trace.recorder import TraceRecorder

    return TraceRecorder(machine, path)


def cover(machine: Machine, file: str | Path | CoverageFile, name: str = "") -> CoverageRecorder:
    """Write what code a machine executes at all from now on; to be closed like `record`, and much faster.

    `name` is that of a test, for `tests_by_line`.
    """
    from emu.trace.coverage.recorder import CoverageRecorder

    return CoverageRecorder(machine, file, name)


def open(path: str | Path) -> Trace:
    """Read a trace; LoadError where it is none, or where numpy is missing."""
    from emu.loader.errors import LoadError

    try:
        from emu.trace.trace import Trace
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise LoadError(f"{path}: traces are read with numpy: pip install 'w800emu[trace]'") from None
    return Trace(path)


def select(
    trace: Trace,
    *,
    begin: str | None = None,
    end: str | None = None,
    functions: Sequence[str] = (),
    addresses: Sequence[tuple[int, int]] = (),
    signals: Sequence[str] = (),
) -> Selection:
    """A part of a trace, for its iterators and all views: between two places, of some of the code.

    Places are said as for `w800emu trace`; PlaceError for one that is said wrongly, or that does not come.
    Code is wanted if its function fits a pattern, or it lies from the first to before the second address;
    signals are pins and variables by name.
    """
    from emu.trace.places import find_window
    from emu.trace.selection import Selection

    return Selection(find_window(trace, begin, end), tuple(functions), tuple(addresses), tuple(signals))


def find_calls(trace: Trace, selection: Selection | None = None) -> Iterator[Change]:
    """Entries and exits of functions in a part of a trace, in order, with context, function and count."""
    from emu.trace.calls import CallFinder
    from emu.trace.selection import ALL

    chosen = selection or ALL
    changes = CallFinder(trace).changes(chosen.window)
    return (change for change in changes if chosen.has_function(change.function))


def find_accesses(trace: Trace, selection: Selection | None = None) -> list[DataAccess]:
    """The data accesses in a part of a trace, in order: time, instruction, address, size and value.

    The run comes again for them; MachineError for a trace that cannot be run again.
    """
    from emu.trace import data_accesses
    from emu.trace.selection import ALL

    return data_accesses.find_accesses(trace, selection or ALL)
