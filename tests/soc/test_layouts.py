"""Every register of every block where tests/soc/layouts.txt has it, field by field; see there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emu.soc.support import model_of
from emu.soc.w800 import W800
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Slot

TABLE = Path(__file__).with_name("layouts.txt")
MODELS = {model.__name__: model for model in map(model_of, W800.rows.values())}


def blocks() -> dict[str, list[str]]:
    """The lines of each block of the table."""
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


def lines_of(model: type[Peripheral]) -> Iterator[str]:
    """A model's declarations in the form of the table."""
    for name, slot in model.slots.items():
        yield f"{slot.offset:03x} {name}{_count_of(slot)}{_reset_of(slot)}: {' '.join(_fields_of(slot))}"


def _count_of(slot: Slot) -> str:
    return "" if slot.count is None else f" x{slot.count} every {slot.stride}"


def _reset_of(slot: Slot) -> str:
    return f" reset {slot.reset_value:x}" if slot.reset_value else ""


def _fields_of(slot: Slot) -> Iterator[str]:
    for name, field in sorted(slot.kind.fields.items(), key=lambda item: -item[1].low):
        bits = f"{field.high}:{field.low}" if field.high > field.low else f"{field.low}"
        yield f"{name}={bits}{field.access.value if field.modelled else '-'}"


@pytest.mark.parametrize("name", blocks())
def test_the_registers_are_where_the_table_has_them(name: str) -> None:
    assert list(lines_of(MODELS[name])) == blocks()[name]


def test_the_table_has_every_block_with_registers() -> None:
    assert set(blocks()) == {name for name, model in MODELS.items() if model.slots}
