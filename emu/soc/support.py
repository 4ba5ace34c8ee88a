"""What of the chip is modelled, and what users have to do without, from the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_type_hints

from emu.soc.soc import Row
from emu.soc.w800 import W800
from peripherals.absent import Absent
from peripherals.framework.peripheral import Peripheral

NO_MODEL = "the block has no model: reads as 0, takes no writes"
NO_FIELD = "no field is known there: the bits are not kept"
NO_REGISTER = "no register is known there: reads as 0"


def model_of(row: Row) -> type[Peripheral]:
    """The class behind a row, which may name a function that makes the block."""
    if isinstance(row.model, type):
        return row.model
    model: type[Peripheral] = get_type_hints(row.model)["return"]
    return model


def unmodelled_of(model: type[Peripheral]) -> Iterator[tuple[str, str]]:
    """(register.field, what that means for the user) of all that is declared to exist and to do nothing."""
    for name, slot in model.slots.items():
        for field_name, field in slot.kind.fields.items():
            if not field.modelled:
                yield f"{name}.{field_name}", field.doc


def meaning_of(name: str) -> str:
    """What it means that a block.register[.field] or block+offset is not modelled; empty if nobody knows."""
    block, _, rest = name.partition(".")
    block, is_offset, _ = block.partition("+")
    if block not in W800.rows:
        return ""
    model = model_of(W800.rows[block])
    if is_offset:
        return NO_MODEL if model is Absent else NO_REGISTER
    place = re.sub(r"\[\d+\]", "", rest)
    register, _, bits = place.partition(".")
    if register in model.slots and bits in model.slots[register].kind.gaps:
        return NO_FIELD
    found = (doc for field, doc in unmodelled_of(model) if f"{field}.".startswith(f"{place}."))
    return "; ".join(dict.fromkeys(found))
