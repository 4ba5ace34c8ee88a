"""The honest list of what a model does not do, taken from its declarations."""

from __future__ import annotations

from dataclasses import dataclass

from peripherals.framework.peripheral import Peripheral


@dataclass(frozen=True, slots=True)
class SupportRow:
    """One field of a block's register map."""

    register: str
    offset: int
    field: str
    bits: str
    access: str
    is_modelled: bool
    doc: str


def support_table(block: type[Peripheral]) -> list[SupportRow]:
    """List every field of the block, in address order, with whether it is modelled."""
    rows = []
    for slot in sorted(block.slots.values(), key=lambda slot: slot.offset):
        name = slot.name if slot.count is None else f"{slot.name}[{slot.count}]"
        for field in sorted(slot.kind.fields.values(), key=lambda field: -field.high):
            bits = str(field.high) if field.high == field.low else f"{field.high}:{field.low}"
            access, doc = field.access.value, field.doc or slot.doc
            rows.append(SupportRow(name, slot.offset, field.name, bits, access, field.modelled, doc))
    return rows
