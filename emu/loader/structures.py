"""How the compiler has laid out C structures, from the debug information of an ELF file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from emu.loader.dwarf import Dwarf

_WANTED: Final = {"DW_AT_name", "DW_AT_byte_size"}


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure: its size, and where each member starts."""

    size_bytes: int
    offsets: Mapping[str, int]

    def __contains__(self, member: str) -> bool:
        return member in self.offsets

    def __getitem__(self, member: str) -> int:
        return self.offsets[member]


class Structures:
    """Reads the types of a compilation unit when one is asked for."""

    def __init__(self, dwarf: Dwarf | None = None) -> None:
        self._dwarf = dwarf or Dwarf()

    def at(self, address: int) -> dict[str, Structure]:
        """All structures with a tag, by it, that the source file of an instruction knows.

        Empty without debug information about the address, or when it is damaged.
        """
        with suppress(Exception):
            unit = self._dwarf.unit_at(address)
            if unit is not None:
                top = self._dwarf.sections.get_CU_at(unit).get_top_DIE()
                return dict(_named(die) for die in top.iter_children() if _is_complete(die))
        return {}


def _is_complete(die: Any) -> bool:
    return die.tag == "DW_TAG_structure_type" and set(die.attributes) >= _WANTED


def _is_number(attribute: Any) -> bool:
    """Not a bit field's missing place, nor an expression as before DWARF 3."""
    return attribute is not None and isinstance(attribute.value, int)


def _named(die: Any) -> tuple[str, Structure]:
    members = (child.attributes for child in die.iter_children() if child.tag == "DW_TAG_member")
    offsets = {
        member["DW_AT_name"].value.decode(): member["DW_AT_data_member_location"].value
        for member in members
        if "DW_AT_name" in member and _is_number(member.get("DW_AT_data_member_location"))
    }
    name, size_bytes = (die.attributes[key].value for key in ("DW_AT_name", "DW_AT_byte_size"))
    return name.decode(), Structure(size_bytes, offsets)
