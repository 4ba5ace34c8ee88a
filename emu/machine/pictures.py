"""What displays show, as files: written, and compared with those of before."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from emu.loader import LoadError, write_atomically
from emu.parts.display import Display, TextDisplay

if TYPE_CHECKING:
    from PIL.Image import Image

    from emu.machine.machine import Machine


def display_of(machine: Machine, name: str) -> Display:
    """The display of that name, before it is asked for a picture.

    MachineError if there is no such part; LoadError if it is no display, or Pillow is not there.
    """
    part = machine.parts[name]
    if isinstance(part, TextDisplay):
        raise LoadError(f"{name} is a {part.kind}, which shows no picture, but a text: expect-text")
    if not isinstance(part, Display):
        raise LoadError(f"{name} is a {part.kind}, which shows no picture")
    if find_spec("PIL") is None:
        raise LoadError("pictures need Pillow: pip install 'w800emu[pictures]'")
    return part


def text_display_of(machine: Machine, name: str) -> TextDisplay:
    """The display of characters of that name; MachineError for no part, LoadError for another one."""
    part = machine.parts[name]
    if not isinstance(part, TextDisplay):
        raise LoadError(f"{name} is a {part.kind}, which shows no text")
    return part


def check_shows(machine: Machine, name: str) -> None:
    """Find out before a run whether `write_picture` can be: errors as there."""
    if not isinstance(machine.parts[name], TextDisplay):
        display_of(machine, name)


def write_picture(machine: Machine, name: str, path: Path | str) -> None:
    """Write what a display shows, as PNG, or as text if it shows that, at once or not at all.

    MachineError and LoadError as `display_of` raises them.
    """
    part = machine.parts[name]
    if isinstance(part, TextDisplay):
        write_atomically(Path(path), part.as_file())
        return
    written = BytesIO()
    display_of(machine, name).image().save(written, "PNG")
    write_atomically(Path(path), written.getvalue())


def assert_image(machine: Machine, name: str, path: Path | str, *, update: bool = False) -> None:
    """AssertionError unless a display shows the picture of a file, pixel by pixel.

    What it shows is then written beside the file, as `*.actual.png`; with `update` into the file itself.
    """
    __tracebackhide__ = True
    expected = Path(path)
    display = display_of(machine, name)
    if update:
        write_picture(machine, name, expected)
        return
    difference = _difference(display.image(), expected)
    if difference:
        actual = expected.with_suffix(".actual.png")
        write_picture(machine, name, actual)
        raise AssertionError(f"{name} does not show {expected}: {difference}; it shows {actual}")


def _difference(shown: Image, path: Path) -> str:
    from PIL import Image as Images
    from PIL import ImageChops

    if not path.exists():
        return "there is no such file yet"
    with Images.open(path) as file:
        expected = file.convert("RGB")
    if expected.size != shown.size:
        return f"{shown.size[0]} x {shown.size[1]} pixels instead of {expected.size[0]} x {expected.size[1]}"
    differs = ImageChops.difference(shown.convert("RGB"), expected).point(_all_or_nothing)
    changed = differs.convert("L").point(_all_or_nothing)
    count = changed.histogram()[255]
    return f"{count} pixels differ, within {changed.getbbox()}" if count else ""


def _all_or_nothing(value: int) -> int:
    return 255 if value else 0
