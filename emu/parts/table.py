"""The parts that there are: one row each, and those of other packages (entry-point group `w800emu.parts`)."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Final

from emu.parts.button import Button
from emu.parts.eeprom_24c import Eeprom24c
from emu.parts.errors import PartError
from emu.parts.led import Led
from emu.parts.part import Part
from emu.parts.ssd1306 import Ssd1306
from emu.parts.switch import Switch

GROUP: Final = "w800emu.parts"

PARTS: Final[tuple[type[Part], ...]] = (
    Button,
    Switch,
    Led,
    Eeprom24c,
    Ssd1306,
)


def part_kinds() -> dict[str, type[Part]]:
    """All kinds by their names; PartError for a package whose entry points nothing but trouble."""
    return {kind.kind: kind for kind in (*PARTS, *_of_other_packages())}


def part_kind(name: str) -> type[Part]:
    """The kind of that name; PartError for an unknown one."""
    own = {kind.kind: kind for kind in PARTS}
    if name in own:
        return own[name]
    kinds = part_kinds()
    if name not in kinds:
        raise PartError(f"no part {name!r}: there are {', '.join(sorted(kinds))}")
    return kinds[name]


@cache
def _of_other_packages() -> tuple[type[Part], ...]:
    found = []
    for entry in entry_points(group=GROUP):
        try:
            kind = entry.load()
        except Exception as error:  # noqa: BLE001 whatever a stranger's module raises
            raise PartError(f"{entry.name} of {entry.value} cannot be imported: {error}") from None
        if not (isinstance(kind, type) and issubclass(kind, Part) and kind.kind):
            raise PartError(f"{entry.name}: {entry.value} is no Part with a kind")
        found.append(kind)
    return tuple(found)
