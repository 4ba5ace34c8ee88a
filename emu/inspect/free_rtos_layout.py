"""Where FreeRTOS keeps what: from the debug information, else as is usual.

Who reads with the usual layout has to check that everything agrees with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.inspect.program_view import ProgramView
from emu.loader import Structure

SCHEDULER: Final = "vTaskSwitchContext"
"""The port calls it, so it is in every program; its source file knows all structures."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The structures of tasks.c and list.h."""

    task: Structure
    list: Structure
    item: Structure
    heap_block: Structure | None = None
    """What precedes a block of the SDK's heap."""


USUAL: Final = Layout(
    Structure(0, {"pxTopOfStack": 0, "xStateListItem": 4, "xEventListItem": 24, "uxPriority": 44,
                  "pxStack": 48, "pcTaskName": 52}),
    Structure(20, {"uxNumberOfItems": 0, "xListEnd": 8}),
    Structure(20, {"pxNext": 4, "pvOwner": 12, "pxContainer": 16}),
)  # fmt: skip
"""Without the members that configurations add; those in use come before all others."""


OTHER_NAMES: Final = {"pvContainer": "pxContainer", "xGenericListItem": "xStateListItem"}
"""Of earlier versions, and of the macros that stand for them (FreeRTOS.h)."""


def find_layout(view: ProgramView) -> Layout | None:
    """What the compiler has noted; None where it has not."""
    known = _structures(view, SCHEDULER)
    task, task_list, item = (
        _checked(known.get(tag), usual)
        for tag, usual in (
            ("tskTaskControlBlock", USUAL.task),
            ("xLIST", USUAL.list),
            ("xLIST_ITEM", USUAL.item),
        )
    )
    if task is None or task_list is None or item is None:
        return None
    return Layout(task, task_list, item, _structures(view, "wm_heap_init").get("wm_heap_block"))


def _structures(view: ProgramView, function: str) -> dict[str, Structure]:
    return view.structures(view.symbols[function].address) if function in view.symbols else {}


def _checked(found: Structure | None, usual: Structure) -> Structure | None:
    """The structure under the names of today; None if a member that is needed is missing."""
    if found is None:
        return None
    offsets = {OTHER_NAMES.get(name, name): offset for name, offset in found.offsets.items()}
    return Structure(found.size_bytes, offsets) if usual.offsets.keys() <= offsets.keys() else None
