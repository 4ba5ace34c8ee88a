"""Which file of a build folder to load: its package, unless the program in it has been built anew since."""

from __future__ import annotations

from pathlib import Path

from emu.loader.build_folder import find_result, programs_beside
from emu.loader.elf import ElfProgram, parse_elf
from emu.loader.errors import LoadError, Origin
from emu.loader.files import read_file
from emu.loader.fls import parse_fls
from emu.loader.image import Image
from emu.loader.wrapping import unwrap


def find_firmware(path: Path) -> Path:
    """The file to load: a file itself; of a folder what `choose_firmware` chooses."""
    return choose_firmware(path)[0]


def choose_firmware(path: Path) -> tuple[Path, tuple[str, ...]]:
    """The file to load, and what to tell about the choice."""
    found = find_result(path)
    if found == path or found.suffix != ".fls":
        return found, ()
    beside = tuple(programs_beside(found))
    for program in beside:
        if is_newer(program, found) and not _holds(found, program):
            why = f"{found.name} is older and of another build"
            return program, (f"{program.name} is loaded: {why}; name it to load it nevertheless",)
    others = [file for file in sorted(found.parent.glob("*.elf")) if file not in beside]
    newer = [file.name for file in others if is_newer(file, found)]
    what = f"{found.name} is loaded, though"
    return found, tuple(f"{what} {name} beside it is newer: name it to load it" for name in newer)


def is_newer(file: Path, other: Path) -> bool:
    """Whether a file was written later."""
    return file.stat().st_mtime_ns > other.stat().st_mtime_ns


def is_made_of(image: Image, program: ElfProgram) -> bool:
    """Whether an image runs a program."""
    return program.flash_address == image.header.run_address and image.body.startswith(program.flash_contents)


def _holds(package: Path, file: Path) -> bool:
    """Whether one of the images runs the program; also if that cannot be told, which loading will tell."""
    try:
        program = parse_elf(read_file(file), Origin(file.name))
        origin = Origin(package.name)
        images = parse_fls(unwrap(read_file(package), origin)[0], origin)
    except LoadError:
        return True
    return any(is_made_of(image, program) for image in images)
