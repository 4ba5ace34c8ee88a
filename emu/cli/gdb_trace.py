"""`monitor trace`: the command line adds it to what gdb can ask for."""

from __future__ import annotations

from pathlib import Path

from emu.escape import as_argument
from emu.gdb.monitor import Command, UsageError
from emu.gdb.target import Target
from emu.quantities import parse_duration
from emu.trace.last import trace_last
from emu.trace.recorder import TraceRecorder


class TraceCommand:
    """At most one trace is written at a time; meanwhile the machine cannot go back."""

    def __init__(self) -> None:
        self._recorder: TraceRecorder | None = None
        self.command = Command(
            "trace",
            "on FILE|off|dump TIME FILE",
            "Trace from here to a file; write what was last, such as 10ms, to one.",
            self._run,
        )

    def close(self) -> None:
        """Write what is left of a trace."""
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    def _run(self, target: Target, words: list[str]) -> str:
        match words:
            case ["on", file] if self._recorder is None:
                self._recorder = TraceRecorder(target.machine, file)
                return f"all that is executed is written to {file}; monitor trace off ends it"
            case ["on", _]:
                raise UsageError("a trace is being written")
            case ["off"]:
                self.close()
                return "no trace is written"
            case ["dump", duration, file]:
                trace_last(target.machine, Path(file), parse_duration(duration))
                return f"the last {duration} are in {file}: w800emu trace {as_argument(Path(file))}"
        raise UsageError("what shall be traced?")
