"""The folders that the SDKs' builds leave behind: what to load from them, and what lies beside a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from emu.loader.errors import LoadError

_PLACES: Final = (
    ".",
    "build",  # WM IoT SDK: cmake
    "build/out",  # LuatOS: xmake
    "bin/*",  # W800 SDK and W806 SDK: make
    "bin/build/*/image",
    "Obj",  # CDK, CDS
    "Debug",
    "Release",
    "tools/*/projects/*/project/*/*",  # the same, seen from the SDK's folder
)
"""Where a project's results lie, seen from its folder or from the output folder itself."""

_PATTERNS: Final = ("*.fls", "*.elf", "*.soc", "*.hex", "*.ihex")
"""What counts, best first: a package is what people flash."""


def find_result(path: Path) -> Path:
    """The file to load: of a folder its package, else its program; a project's stands for its build."""
    if not path.is_dir():
        return path
    for pattern in _PATTERNS:
        for place in _PLACES:
            if found := sorted(path.glob(f"{place}/{pattern}")):
                if len(found) > 1:
                    names = ", ".join(str(one.relative_to(path)) for one in found)
                    raise LoadError(f"{path}: holds {names}: name the one to load")
                return found[0]
    raise LoadError(f"{path}: holds no .fls, .elf, .soc or .hex file: build the project, or name a file")


def programs_beside(path: Path) -> Iterator[Path]:
    """The ELF files that an image may have been made of, nearest first."""
    beside = path.with_suffix(".elf")
    # The Makefiles put W806.fls into bin/W806 and W806.elf into bin/build/W806/image.
    of_make = path.parent.parent / "build" / path.parent.name / "image" / beside.name
    for candidate in (beside, of_make):
        if candidate.is_file() and candidate != path:
            yield candidate


def table_beside(path: Path) -> Path | None:
    """The partition table of the IoT SDK's build that a file lies in."""
    table = path.parent / "partition_table" / "partition_table.bin"
    return table if table.is_file() else None
