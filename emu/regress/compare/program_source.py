"""What a program is made of: its sections, the components that its code is from, and its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from posixpath import commonpath, dirname, isabs, normpath
from typing import Final

from emu.loader.elf_tables import ElfTables
from emu.loader.errors import Origin
from emu.regress.compare.measurement import Covered
from emu.trace.coverage.program_code import Body, Place

_ALLOCATED: Final = 0x2  # SHF_ALLOC
_TELLING_PARTS: Final = 3  # of a path: `/home/name`


def sections_of(elf: bytes) -> dict[str, int]:
    """The sections that take memory, with their sizes in bytes."""
    tables = ElfTables(elf, Origin("ELF file"))
    return {
        tables.name_of(section): section.size_bytes
        for section in tables.sections
        if section.flags & _ALLOCATED and section.size_bytes
    }


def components_of(bodies: Iterable[Body]) -> dict[str, int]:
    """Bytes of instructions by the folder of their source, as far as there is debug information."""
    sizes: Counter[str] = Counter()
    for body in bodies:
        if not body.is_copy:
            for instruction in body.instructions:
                sizes[instruction.place.path] += instruction.size_bytes
    names = _names(sizes)
    folders: Counter[str] = Counter()
    for path, size_bytes in sizes.items():
        folders[dirname(names[path])] += size_bytes
    return dict(sorted(folders.items()))


def covered(lines: Counter[Place]) -> dict[str, Covered]:
    """By source file, from how often each line was executed."""
    names = _names({place.path for place in lines})
    found: dict[str, Covered] = {}
    for place, number in lines.items():
        name = names[place.path]
        reached, all_ = found.get(name, Covered(0, 0))
        found[name] = Covered(reached + (number > 0), all_ + 1)
    return dict(sorted(found.items()))


def _names(paths: Iterable[str]) -> dict[str, str]:
    """Paths without the folder that most of the absolute ones are in: builds may come from different places.

    Libraries that came as such keep theirs, from where their maker has compiled them.
    """
    normal = {path: normpath(path) for path in paths}
    groups: dict[str, list[str]] = {}
    for path in filter(isabs, normal.values()):
        groups.setdefault("/".join(path.split("/")[:_TELLING_PARTS]), []).append(dirname(path))
    most = max(groups.values(), key=len, default=[])
    root = f"{commonpath(most)}/" if most else ""
    return {path: name.removeprefix(root) for path, name in normal.items()}
