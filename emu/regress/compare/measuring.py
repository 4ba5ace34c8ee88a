"""Has a build go through a scenario, and measures it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from emu.loader.symbols import SymbolKind
from emu.machine import CrashReport, Machine, MachineError
from emu.machine.flash_use import FlashUse
from emu.machine.memory_use import heap, stacks
from emu.regress.compare.code_digest import code_digests
from emu.regress.compare.measurement import (
    FunctionCounts,
    Measurement,
    Partition,
    SectorCounts,
    TimedLine,
)
from emu.regress.compare.memory_samples import MemorySamples
from emu.regress.compare.program_source import components_of, covered, sections_of
from emu.regress.scenario import Scenario
from emu.trace.coverage.program_code import Place
from peripherals.flash_operation import FlashOperation, OperationKind, Phase
from peripherals.framework.reset import ResetCause
from peripherals.nor_flash import touched_sectors

_LOG_TIME: Final = re.compile(r"(?<=\] )\(\d+\)|\(\d+\)(?= \w+:)")
_FINE_STACKS: Final = 2000
"""Stacks of calls that are less than one part in so many of all instructions count for their callers."""


def measure(scenario: Scenario, firmware: Path, options: dict[str, Any]) -> Measurement:
    """Have a build go through a scenario; MachineError if that fails."""
    from emu.trace.recorder import TraceRecorder

    with TemporaryDirectory() as folder, scenario.load(firmware, **options) as machine:
        trace = Path(folder) / "trace"
        watch = Watch(machine)
        try:
            with TraceRecorder(machine, trace):
                scenario.story(machine)
        except AssertionError as error:
            raise MachineError(f"{firmware}: the scenario fails: {error}") from None
        found = watch.close(Measurement(firmware.name, scenario.name))
        add_executed(found, trace, machine._views.now().elf)
    return found


class Watch:
    """Watches a machine that has not been started, until it is closed; the run stays the same."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._bytes: dict[str, list[tuple[int, int]]] = {}
        self._crashes: list[str] = []
        self._flash: dict[int, SectorCounts] = {}
        self._use = FlashUse(machine.board)
        self._app_begins_ns: int | None = None
        self._samples = MemorySamples(machine)
        for port in machine.uarts:
            port.listeners.append(partial(self._sent, self._bytes.setdefault(port.name, [])))
        machine.flash.observers.append(self._operated)
        machine.on_crash(self._crashed)
        machine.on_reset(self._was_reset)
        if (handler := self._reset_handler()) is not None:
            machine.hook(handler, self._app_begins)

    def close(self, found: Measurement) -> Measurement:
        """Add what was seen."""
        machine = self._machine
        found.memory = self._samples.close()
        found.time_ns, found.executed = machine.now_ns, machine.executed
        found.app_begins_ns = self._app_begins_ns
        found.lines = {name: list(_lines(sent)) for name, sent in self._bytes.items() if sent}
        found.crashes = self._crashes
        found.stacks = stacks(machine)
        found.heap_low = used.least_free if (used := heap(machine)) else None
        found.sizes = _sizes(machine)
        found.code = code_digests(machine)
        found.flash = {f"{offset:#x}": counts for offset, counts in sorted(self._flash.items())}
        found.partitions = {
            each.name: Partition(each.offset, each.end - each.offset) for each in self._use.partitions
        }
        found.unmodelled = sorted(machine.board.log.uses)
        return found

    @staticmethod
    def _sent(received: list[tuple[int, int]], time_ns: int, byte: int) -> None:
        received.append((time_ns, byte))

    def _operated(self, operation: FlashOperation) -> None:
        if operation.phase is Phase.AFTER:
            for offset in touched_sectors(operation.offset, operation.size_bytes):
                partition = self._use.partition_at(offset)
                known = self._flash.get(offset, SectorCounts(partition.name if partition else "", 0, 0))
                self._flash[offset] = known.add(is_erase=operation.kind is OperationKind.ERASE)

    def _crashed(self, report: CrashReport) -> None:
        function = report.location.partition("+")[0]
        self._crashes.append(f"{report.kind.value}{f' in {function}' if function else ''}")

    def _was_reset(self, cause: ResetCause) -> None:
        latest = self._machine.last_reset
        if latest is not None and latest.time_ns == self._machine.now_ns and latest.cause is cause:
            self._crashes.append(f"reset: {latest.reason.value}")

    def _app_begins(self, machine: Machine) -> None:
        if self._app_begins_ns is None:
            self._app_begins_ns = machine.now_ns

    def _reset_handler(self) -> int | None:
        """That of the last image in the chain, the app: the first word of its vector table."""
        images = self._use.images()
        if not images:
            return None
        body = images[-1][1].start
        return int.from_bytes(self._machine.flash.contents[body : body + 4], "little") & ~1


def add_executed(found: Measurement, path: Path, running: bytes) -> None:
    """Add what a trace tells of functions, calls and coverage, and what the program that runs is made of."""
    import emu.trace
    from emu.trace.coverage.body_lines import lines_of
    from emu.trace.coverage.counting import count
    from emu.trace.coverage.program_code import bodies_of
    from emu.trace.coverage.source_coverage import line_counts
    from emu.trace.diff.jumps import Jumps
    from emu.trace.diff.run import Run
    from emu.trace.views.collapsed import stacks_of

    trace = emu.trace.open(path)
    found.functions = {
        key.name: FunctionCounts(counts.calls, counts.own)
        for key, counts in sorted(Run(trace, Jumps()).functions.items())
        if not key.in_handler
    }
    found.calls = _coarse(stacks_of(trace))
    lines: Counter[Place] = Counter()
    for elf, counts in count(trace).items():
        bodies = bodies_of(elf)
        lines.update(line_counts(lines_of(bodies), counts))
        if elf == running:
            found.components, found.sections = components_of(bodies), sections_of(elf)
    found.coverage = covered(lines)


def _sizes(machine: Machine) -> dict[str, int]:
    """By name: what has the same, such as static variables of several files, is one. Labels have no size."""
    sizes: Counter[str] = Counter()
    for symbol in machine.symbols:
        if symbol.kind is not SymbolKind.LABEL:
            sizes[symbol.name] += symbol.size_bytes
    return {name: size_bytes for name, size_bytes in sorted(sizes.items()) if size_bytes}


def _coarse(calls: Counter[str]) -> dict[str, int]:
    """Without the finest stacks."""
    least = calls.total() // _FINE_STACKS
    for stack in sorted(calls, key=lambda each: -each.count(";")):
        caller = stack.rpartition(";")[0]
        if calls[stack] < least and caller:
            calls[caller] += calls.pop(stack)
    return dict(sorted(calls.items()))


def _lines(sent: list[tuple[int, int]]) -> Iterator[TimedLine]:
    for is_end, run in groupby(sent, key=lambda each: each[1] in b"\r\n"):
        part = list(run)
        if not is_end:
            text = bytes(byte for _, byte in part).decode(errors="replace")
            yield TimedLine(part[-1][0], _LOG_TIME.sub("(...)", text))
