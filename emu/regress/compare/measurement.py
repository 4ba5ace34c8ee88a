"""What is measured of a build while it goes through a scenario; as plain data, so that it can be kept."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from emu.loader import LoadError
from emu.machine import Machine, MachineError
from emu.regress.compare.code_digest import code_digests
from emu.regress.scenario import Scenario

FORM: Final = 1
_STACK: Final = re.compile(r"(\w+?)_?stack(_\w+)?", re.IGNORECASE)
_NEVER_WRITTEN: Final = b"\0\xa5"
"""What stacks hold before they are used: cleared by start-up code, or filled by FreeRTOS."""
_LOG_TIME: Final = re.compile(r"(?<=\] )\(\d+\)|\(\d+\)(?= \w+:)")
_HEAP_LOW: Final = "xMinimumEverFreeBytesRemaining"


@dataclass(slots=True)
class Measurement:
    """All numbers by name. Times are virtual, in nanoseconds from power-on; sizes in bytes."""

    name: str
    time_ns: int = 0
    executed: int = 0
    lines: dict[str, list[str]] = field(default_factory=dict)
    """By UART; times of log lines are left out."""
    milestones: dict[str, int] = field(default_factory=dict)
    """When each line was complete: `uart0: text`, and ` #2` if it comes again."""
    functions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Calls and own instructions outside of handlers of interrupts."""
    code: dict[str, str] = field(default_factory=dict)
    """Of each function a digest of its instructions, whatever addresses they name."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Of functions and objects."""
    stacks: dict[str, int] = field(default_factory=dict)
    """The most that was used of each."""
    heap_low: int | None = None
    """The least that was free of the heap of FreeRTOS."""
    flash: dict[str, int] = field(default_factory=dict)
    """How often each sector was erased, and pages of it were programmed: `erase 0x1e0000 in user`."""
    unmodelled: list[str] = field(default_factory=list)
    """Registers and fields without a model that were used."""

    def to_json(self) -> str:
        """As a text that `read` takes."""
        return json.dumps({"w800emu_measurement": FORM, **asdict(self)}, indent=1, sort_keys=True)

    @classmethod
    def read(cls, path: Path) -> Measurement:
        """The measurement in a file; LoadError for anything else."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("w800emu_measurement") != FORM:
                raise ValueError
            data["functions"] = {name: tuple(counts) for name, counts in data["functions"].items()}
            return cls(**data)
        except OSError as error:
            raise LoadError(
                f"{path}: cannot be read ({error.strerror}): check the name and the rights"
            ) from None
        except (ValueError, LookupError, TypeError, AttributeError):
            raise LoadError(f"{path}: is no measurement of `w800emu compare --save`") from None


def measure(scenario: Scenario, firmware: Path, options: dict[str, Any]) -> Measurement:
    """Have a build go through a scenario; MachineError if that fails."""
    from emu.trace.recorder import TraceRecorder

    found = Measurement(firmware.name)
    with TemporaryDirectory() as folder, scenario.load(firmware, **options) as machine:
        trace = Path(folder) / "trace"
        flash: Counter[str] = Counter()
        clock = _LineClock(machine)
        _count_flash(machine, flash)
        try:
            with TraceRecorder(machine, trace):
                scenario.story(machine)
        except AssertionError as error:
            raise MachineError(f"{firmware}: the scenario fails: {error}") from None
        found.time_ns, found.executed = machine.now_ns, machine.executed
        found.lines, found.milestones = clock.lines(), clock.milestones()
        found.stacks, found.heap_low = dict(_stacks(machine)), _heap_low(machine)
        found.sizes = dict(sorted(_sizes(machine)))
        found.code = dict(code_digests(machine))
        found.flash = dict(sorted(flash.items()))
        found.unmodelled = sorted(machine.board.log.uses)
        found.functions = _functions(trace)
    return found


class _LineClock:
    """Notes when lines were complete."""

    def __init__(self, machine: Machine) -> None:
        self._bytes: dict[str, list[tuple[int, int]]] = {}
        for port in machine.uarts:
            port.listeners.append(partial(self._sent, self._bytes.setdefault(port.name, [])))

    @staticmethod
    def _sent(received: list[tuple[int, int]], time_ns: int, byte: int) -> None:
        received.append((time_ns, byte))

    def lines(self) -> dict[str, list[str]]:
        """By UART, those that have sent anything."""
        return {
            name: [text for _, text in self._timed(received)]
            for name, received in self._bytes.items()
            if received
        }

    def milestones(self) -> dict[str, int]:
        """When each line was complete."""
        seen: Counter[str] = Counter()
        found = {}
        for name, received in self._bytes.items():
            for time_ns, text in self._timed(received):
                title = f"{name}: {text}"
                seen[title] += 1
                found[title + (f" #{seen[title]}" if seen[title] > 1 else "")] = time_ns
        return found

    @staticmethod
    def _timed(received: list[tuple[int, int]]) -> Iterator[tuple[int, str]]:
        for is_end, run in groupby(received, key=lambda each: each[1] in b"\r\n"):
            part = list(run)
            if not is_end:
                text = bytes(byte for _, byte in part).decode(errors="replace")
                yield part[-1][0], _LOG_TIME.sub("(...)", text)


def _count_flash(machine: Machine, counts: Counter[str]) -> None:
    from emu.machine.flash_use import FlashUse
    from peripherals.flash_operation import FlashOperation, Phase
    from peripherals.nor_flash import SECTOR_SIZE

    use = FlashUse(machine.board)

    def count(operation: FlashOperation) -> None:
        if operation.phase is Phase.AFTER:
            offset = operation.offset & -SECTOR_SIZE
            partition = use.partition_at(offset)
            where = f"{offset:#x}" + (f" in {partition.name}" if partition else "")
            counts[f"{operation.kind.value} {where}"] += 1

    machine.flash.observers.append(count)


def _stacks(machine: Machine) -> Iterator[tuple[str, int]]:
    """Of FreeRTOS's tasks; of other kernels' by the names of arrays."""
    tasks = [task for task in machine.tasks() if task.most_used_bytes is not None]
    for task in tasks:
        assert task.most_used_bytes is not None
        yield task.name, task.most_used_bytes
    if tasks:
        return
    for symbol in machine.symbols:
        if symbol.size_bytes >= 64 and _STACK.fullmatch(symbol.name) and symbol.address >> 28 == 2:
            data = machine.read(symbol.address, symbol.size_bytes)
            if used := len(data.lstrip(_NEVER_WRITTEN)):
                yield symbol.name, used


def _heap_low(machine: Machine) -> int | None:
    if _HEAP_LOW not in machine.symbols:
        return None
    return int.from_bytes(machine.read(_HEAP_LOW, 4), "little")


def _sizes(machine: Machine) -> Iterator[tuple[str, int]]:
    for symbol in machine.symbols:
        if symbol.size_bytes:
            yield symbol.name, symbol.size_bytes


def _functions(path: Path) -> dict[str, tuple[int, int]]:
    import emu.trace
    from emu.trace.diff.jumps import Jumps
    from emu.trace.diff.run import Run

    run = Run(emu.trace.open(path), Jumps())
    return {
        key.name: (counts.calls, counts.own)
        for key, counts in sorted(run.functions.items())
        if not key.in_handler
    }
