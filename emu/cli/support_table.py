"""What of the chip is modelled, from the declarations: python -m emu.cli.support_table README.md."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from emu.loader import write_atomically
from emu.soc.support import NO_MODEL, model_of, unmodelled_of
from emu.soc.w800 import W800
from peripherals.absent import Absent
from peripherals.framework.peripheral import Peripheral

BEGIN = "<!-- support table: python -m emu.cli.support_table README.md -->"
END = "<!-- end of the support table -->"


def markdown() -> str:
    """One line for each model in the memory map, with its blocks, and one for all blocks without a model."""
    blocks: dict[type[Peripheral], list[str]] = {}
    for name, row in W800.rows.items():
        blocks.setdefault(model_of(row), []).append(f"{name} at `{row.base:#010x}`")
    absent = blocks.pop(Absent, [])
    lines = ["| Blocks | State | What you have to do without |", "|---|---|---|"]
    for model, names in blocks.items():
        missing = "; ".join(missing_of(model))
        state = "partial" if missing else "modelled"
        lines.append(f"| {', '.join(names)} | {state} | {missing} |".replace("  |", " |"))
    lines.append(f"| {', '.join(absent)} | absent | {NO_MODEL} |")
    return "\n".join(lines) + "\n"


def missing_of(model: type[Peripheral]) -> Iterator[str]:
    """The fields that do nothing, with what that means; neighbours that mean the same together."""
    for meaning, fields in groupby(unmodelled_of(model), key=lambda field: field[1]):
        yield f"{', '.join(f'`{name}`' for name, _ in fields)}: {meaning}"


def with_table(document: str) -> str:
    """The document with the table between its markers renewed."""
    return re.sub(f"{BEGIN}\n.*?{END}", f"{BEGIN}\n{markdown()}{END}", document, flags=re.DOTALL)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    write_atomically(path, with_table(path.read_text(encoding="utf-8")).encode())
