"""What is measured of a build while it goes through a scenario; as plain data, so that it can be kept."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from emu.loader import LoadError

FORM: Final = 2
APP_BEGINS: Final = "boot: the app begins"


class TimedLine(NamedTuple):
    """A line that a UART has sent."""

    time_ns: int
    """When it was complete."""
    text: str
    """Without the times of log lines."""


class FunctionCounts(NamedTuple):
    """Of a function, outside of handlers of interrupts."""

    calls: int
    own: int
    """Instructions of its own."""


class Covered(NamedTuple):
    """Lines of a source file."""

    reached: int
    all_: int


class SectorCounts(NamedTuple):
    """What was done to a sector of the flash."""

    partition: str
    """Empty outside of partitions."""
    erases: int
    programs: int

    def add(self, *, is_erase: bool) -> SectorCounts:
        """With one operation more."""
        return self._replace(erases=self.erases + is_erase, programs=self.programs + (not is_erase))


class Partition(NamedTuple):
    """A part of the flash."""

    offset: int
    size_bytes: int


class Sample(NamedTuple):
    """Of memory, at a time."""

    time_ns: int
    heap_free: int | None
    stacks: dict[str, int]
    """The most bytes that were used of each by then."""


@dataclass(slots=True)
class Measurement:
    """All numbers by name. Times are virtual, in nanoseconds from power-on; sizes in bytes."""

    name: str
    scenario: str = ""
    """What it has gone through."""
    time_ns: int = 0
    executed: int = 0
    app_begins_ns: int | None = None
    """When its reset handler was entered for the first time; None: that is not known."""
    lines: dict[str, list[TimedLine]] = field(default_factory=dict)
    """By UART."""
    crashes: list[str] = field(default_factory=list)
    """And resets that nobody ordered, a line each."""
    functions: dict[str, FunctionCounts] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    """Of each function a digest of its instructions, whatever addresses they name."""
    calls: dict[str, int] = field(default_factory=dict)
    """Instructions of each stack of calls: `context;caller;callee`."""
    coverage: dict[str, Covered] = field(default_factory=dict)
    """By source file."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Of functions and objects."""
    sections: dict[str, int] = field(default_factory=dict)
    components: dict[str, int] = field(default_factory=dict)
    """Code, by the folders of its source."""
    stacks: dict[str, int] = field(default_factory=dict)
    """The most that was used of each."""
    heap_low: int | None = None
    """The least that was free of the heap."""
    memory: list[Sample] = field(default_factory=list)
    flash: dict[str, SectorCounts] = field(default_factory=dict)
    """By the offset of the sector, in hexadecimal digits."""
    partitions: dict[str, Partition] = field(default_factory=dict)
    unmodelled: list[str] = field(default_factory=list)
    """Registers and fields without a model that were used."""

    @property
    def milestones(self) -> dict[str, int]:
        """When the app began, and each line was complete: `uart0: text`, and ` #2` if it comes again."""
        found = {} if self.app_begins_ns is None else {APP_BEGINS: self.app_begins_ns}
        seen: Counter[str] = Counter()
        for uart, lines in self.lines.items():
            for line in lines:
                title = f"{uart}: {line.text}"
                seen[title] += 1
                found[title + (f" #{seen[title]}" if seen[title] > 1 else "")] = line.time_ns
        return found

    def flash_counts(self, kind: str) -> dict[str, dict[int, int]]:
        """How often sectors were erased ("erase") or programmed ("program"), by partition and offset.

        A sector outside of partitions is one by itself.
        """
        found: dict[str, dict[int, int]] = {}
        for key, counts in self.flash.items():
            count = counts.erases if kind == "erase" else counts.programs
            if count:
                found.setdefault(counts.partition or key, {})[int(key, 16)] = count
        return found

    def to_json(self) -> str:
        """As a text that `read` takes, with a line for each thing that was measured."""
        lines = [f'"w800emu_measurement": {FORM}']
        for name, value in asdict(self).items():
            lines.append(f"{json.dumps(name)}: {_lines_of(value)}")
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def read(cls, path: Path) -> Measurement:
        """The measurement in a file; LoadError for anything else."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if (form := data.pop("w800emu_measurement")) != FORM:
                raise LoadError(f"{path}: is of form {form}, not {FORM}: make it anew with --save")
            data["lines"] = {uart: [TimedLine(*line) for line in of] for uart, of in data["lines"].items()}
            data["memory"] = [Sample(*each) for each in data["memory"]]
            for name, row in _ROWS.items():
                data[name] = {key: row(*values) for key, values in data[name].items()}
            return cls(**data)
        except OSError as error:
            raise LoadError(
                f"{path}: cannot be read ({error.strerror}): check the name and the rights"
            ) from None
        except (ValueError, LookupError, TypeError, AttributeError):
            raise LoadError(f"{path}: is no measurement of `w800emu compare --save`") from None


_ROWS: Final = {
    "functions": FunctionCounts,
    "coverage": Covered,
    "flash": SectorCounts,
    "partitions": Partition,
}
"""Values of dictionaries that are tuples."""


def _lines_of(value: object) -> str:
    """JSON with a line for each entry: so that changes of a file that is kept in git can be read."""
    if isinstance(value, dict) and value:
        rows = (f"  {json.dumps(key)}: {json.dumps(each)}" for key, each in sorted(value.items()))
        return "{\n" + ",\n".join(rows) + "\n}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {json.dumps(each)}" for each in value) + "\n]"
    return json.dumps(value)
