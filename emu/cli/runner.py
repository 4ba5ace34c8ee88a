"""Carries out `w800emu run`: builds what the options ask for, runs it, and leaves everything flushed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from emu.cli.connections import Connections
from emu.cli.run_kind import RunKind
from emu.cli.run_machine import machine_of
from emu.cli.run_options import RunOptions
from emu.cli.run_report import (
    report_statistics,
    report_unmodelled,
    save_at_end,
    tell_ramdump_wait,
    write_ramdump,
)
from emu.cli.session import Ending
from emu.host.output_file import OutputFile
from emu.machine import CrashReport, Machine
from emu.signal_gate import SignalGate
from emu.trace import cover


class Runner:
    """One run. Whatever ends it, the back ends are flushed and the machine is closed."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._kind = RunKind(options)
        self._crashed_ns: int | None = None

    def run(self) -> Ending:
        """Run to the end and tell how it came."""
        options = self._options
        # Signals end what is in here, but nothing of what the stack leaves for the end.
        with SignalGate() as gate, ExitStack() as stack, gate.opened():
            machine = machine_of(options, self._kind, stack)
            connections = Connections(machine, options, self._kind, stack)
            self._record(machine, stack)
            connections.open_keyboard()
            dumps = [] if options.ramdump is None else _keep_ramdump(machine)
            started_s = time.perf_counter()
            ending = connections.run()
            wall_s = time.perf_counter() - started_s
        if options.ramdump is not None:
            write_ramdump(options.ramdump, dumps)
        elif ending.crash is not None:
            tell_ramdump_wait(machine)
        ending = self._save(machine, ending)
        if options.json is not None:
            from emu.cli.json_result import write_result  # few need it

            write_result(options.json, machine, ending, wall_s)
        if options.report_unmodeled or options.stats:
            report_unmodelled(machine)
        if options.stats:
            report_statistics(machine, wall_s)
        return ending

    def _save(self, machine: Machine, ending: Ending) -> Ending:
        """Write the files of the end."""
        options = self._options
        wanted: list[tuple[Callable[[Machine, Path], None], Path | None]] = [
            (Machine.save_state, options.save_state),
            (Machine.save_recording, options.record),
            (self._trace_last, options.trace if options.trace_last else None),
            *((partial(_screenshot, each.part), each.path) for each in options.screenshot if each.at is None),
            *((partial(_save_part, name), path) for name, path in options.save_part),
        ]
        for save, path in wanted:
            if path is not None and not save_at_end(save, path, machine):
                ending = ending.failed()
        return ending

    def _record(self, machine: Machine, stack: ExitStack) -> None:
        """Write down what is executed, as far as that is wanted."""
        options = self._options
        if options.trace_last is not None:
            machine.keep_history()
            machine.on_crash(self._crashed)
        elif options.trace is not None and options.trace_format == "text":
            file = OutputFile(options.trace)
            stack.callback(file.close)
            machine.trace(lambda line: file.write(line.encode()))
        elif options.trace is not None:
            from emu.trace.recorder import TraceRecorder  # few need it

            stack.enter_context(TraceRecorder(machine, options.trace))
        if options.coverage is not None:
            stack.enter_context(cover(machine, options.coverage))

    def _crashed(self, report: CrashReport) -> None:
        self._crashed_ns = report.time_ns

    def _trace_last(self, machine: Machine, path: Path) -> None:
        from emu.trace.last import trace_last

        trace_last(machine, path, self._options.trace_last or 0, self._crashed_ns)


def _screenshot(name: str, machine: Machine, path: Path) -> None:
    from emu.machine.pictures import write_picture  # few need it

    write_picture(machine, name, path)


def _save_part(name: str, machine: Machine, path: Path) -> None:
    from emu.machine.part_files import write_part  # few need it

    write_part(machine, name, path)


def _keep_ramdump(machine: Machine) -> list[bytes]:
    """A list that gets the dump of the first crash: the later ones may be the handler's own."""
    dumps: list[bytes] = []

    def keep(report: CrashReport) -> None:
        if not dumps:
            dumps.append(machine.ramdump(report))

    machine.on_crash(keep)
    return dumps
