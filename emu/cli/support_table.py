"""What of the chip is modelled, from the declarations: python -m emu.cli.support_table docs/support.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from emu.soc.support import NO_MODEL, model_of, unmodelled_of
from emu.soc.w800 import W800
from peripherals.absent import Absent
from peripherals.framework.peripheral import Peripheral

ABOUT = """# What of the chip is modelled

From the declarations of the blocks, by `make fix`; `w800emu info` shows the same. `modelled`: every declared
bit has its effect; `partial`: without what is named; `absent`: there is no model. What is named here, and
what a block does not declare at all, is reported by name when it is used (`w800emu run --report-unmodeled`);
`flash`, `mask_rom` and `no_psram` in such a report are stores to memory that keeps nothing of them.

"""


class Support(NamedTuple):
    """A model, or none: the blocks it stands for, and what they lack."""

    blocks: tuple[tuple[str, int], ...]
    """Name and base address."""
    state: str
    missing: tuple[str, ...]


def support() -> Iterator[Support]:
    """Every model in the memory map, then all blocks without one."""
    blocks: dict[type[Peripheral], list[tuple[str, int]]] = {}
    for name, row in W800.rows.items():
        blocks.setdefault(model_of(row), []).append((name, row.base))
    absent = blocks.pop(Absent, [])
    for model, names in blocks.items():
        missing = tuple(missing_of(model))
        yield Support(tuple(names), "partial" if missing else "modelled", missing)
    yield Support(tuple(absent), "absent", (NO_MODEL,))


def markdown() -> str:
    """A table with a line for each model."""
    lines = ["| Blocks | State | What you have to do without |", "|---|---|---|"]
    for found in support():
        names = ", ".join(f"{name} at `{base:#010x}`" for name, base in found.blocks)
        lines.append(f"| {names} | {found.state} | {'; '.join(found.missing)} |".replace("  |", " |"))
    return "\n".join(lines) + "\n"


def plain(columns: int) -> str:
    """The same for a terminal of that width: a line for each block, and what it lacks below."""
    lines = ["blocks: what is modelled, and what you have to do without"]
    for found in support():
        lines += [f"{name:<18} {base:#010x}  {found.state}" for name, base in found.blocks]
        for missing in found.missing:
            lines += wrap(
                missing.replace("`", ""),
                columns,
                initial_indent=" " * 4,
                subsequent_indent=" " * 6,
                break_on_hyphens=False,
            )
    return "\n".join(lines) + "\n"


def missing_of(model: type[Peripheral]) -> Iterator[str]:
    """The fields that do nothing, with what that means; neighbours that mean the same together."""
    for meaning, fields in groupby(unmodelled_of(model), key=lambda field: field[1]):
        yield f"{', '.join(f'`{name}`' for name, _ in fields)}: {meaning}"


def document() -> str:
    """All of docs/support.md."""
    return ABOUT + markdown()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8", newline="\n")
