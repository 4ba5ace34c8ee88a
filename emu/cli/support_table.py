"""What of the chip is modelled, from the declarations: python -m emu.cli.support_table README.md."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

from emu.soc.soc import Row
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
    lines = ["| Blocks | State | Exists, but does nothing here |", "|---|---|---|"]
    for model, names in blocks.items():
        unmodelled = list(unmodelled_of(model))
        state = "partial" if unmodelled else "modelled"
        lines.append(f"| {', '.join(names)} | {state} | {', '.join(unmodelled)} |".replace("  |", " |"))
    lines.append(f"| {', '.join(absent)} | absent | reads as 0; every use is reported by name |")
    return "\n".join(lines) + "\n"


def model_of(row: Row) -> type[Peripheral]:
    """The class behind a row, which may name a function that makes the block."""
    if isinstance(row.model, type):
        return row.model
    model: type[Peripheral] = get_type_hints(row.model)["return"]
    return model


def unmodelled_of(model: type[Peripheral]) -> Iterator[str]:
    """Registers and fields that are declared to exist and to do nothing."""
    for name, slot in model.slots.items():
        for field_name, field in slot.kind.fields.items():
            if not field.modelled:
                yield f"{name}.{field_name}"


def with_table(document: str) -> str:
    """The document with the table between its markers renewed."""
    return re.sub(f"{BEGIN}\n.*?{END}", f"{BEGIN}\n{markdown()}{END}", document, flags=re.DOTALL)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
