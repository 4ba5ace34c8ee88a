"""Where the code of functions is, copies inside of other functions included (DWARF 5, 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from emu.escape import escaped
from emu.loader.dwarf import Dwarf
from emu.loader.source_files import SourceFiles

Ranges = tuple[tuple[int, int], ...]


class FunctionCode(NamedTuple):
    """Code of a function: its own, or a copy that the compiler has made part of another one."""

    name: str
    path: str
    line: int
    """Where it is declared."""
    entry: int
    ranges: Ranges
    """(begin, end) each."""
    is_copy: bool


def functions_of(dwarf: Dwarf) -> Iterator[FunctionCode]:
    """All that the debug information knows, in each unit callers before the copies in them.

    What is damaged or unusual is left out, with the rest of its unit.
    """
    with suppress(Exception):
        for offset in dwarf.units():
            with suppress(Exception):
                yield from _of_unit(dwarf.sections, dwarf.sections.get_CU_at(offset))


def _of_unit(sections: Any, unit: Any) -> Iterator[FunctionCode]:
    program = sections.line_program_for_CU(unit)
    if program is None:
        return
    files = SourceFiles(program, unit)
    for entry in unit.iter_DIEs():
        if entry.tag not in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine"):
            continue
        ranges, origin = _ranges(sections, unit, entry), _origin(entry)
        if not ranges or "DW_AT_name" not in origin or "DW_AT_decl_line" not in origin:
            continue
        first = entry.attributes.get("DW_AT_entry_pc")
        yield FunctionCode(
            escaped(origin["DW_AT_name"].value.decode()),
            files.name(origin["DW_AT_decl_file"].value),
            origin["DW_AT_decl_line"].value,
            first.value if first is not None and first.form == "DW_FORM_addr" else ranges[0][0],
            ranges,
            entry.tag == "DW_TAG_inlined_subroutine",
        )


def _origin(entry: Any) -> dict[str, Any]:
    """The attributes of an entry and of those that it refers to; its own count first."""
    attributes: dict[str, Any] = {}
    while entry is not None:
        attributes = {**entry.attributes, **attributes}
        reference = next(
            (name for name in ("DW_AT_abstract_origin", "DW_AT_specification") if name in entry.attributes),
            None,
        )
        entry = entry.get_DIE_from_attribute(reference) if reference else None
    return attributes


def _ranges(sections: Any, unit: Any, entry: Any) -> Ranges:
    attributes = entry.attributes
    if "DW_AT_ranges" in attributes:
        return tuple(_listed(sections, unit, attributes["DW_AT_ranges"].value))
    if "DW_AT_low_pc" not in attributes or "DW_AT_high_pc" not in attributes:
        return ()
    low, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
    return ((low, high.value if high.form == "DW_FORM_addr" else low + high.value),)


def _listed(sections: Any, unit: Any, offset: int) -> Iterator[tuple[int, int]]:
    low = unit.get_top_DIE().attributes.get("DW_AT_low_pc")
    base = low.value if low else 0
    for each in sections.range_lists().get_range_list_at_offset(offset, unit):
        if hasattr(each, "base_address"):
            base = each.base_address
        else:
            begins = 0 if each.is_absolute else base
            yield begins + each.begin_offset, begins + each.end_offset
