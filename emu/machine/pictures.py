"""What displays show, as files: written, and compared with those of before."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from emu.loader import LoadError, write_atomically
from emu.parts.display import Display

if TYPE_CHECKING:
    from PIL.Image import Image

    from emu.machine.machine import Machine


def picture_of(machine: Machine, name: str) -> Image:
    """What the display of that name shows; LoadError if it is none, or Pillow is not there."""
    part = machine.parts[name]
    if not isinstance(part, Display):
        raise LoadError(f"{name} is a {part.kind}, which shows no picture")
    try:
        return part.image()
    except ImportError:
        raise LoadError("pictures need Pillow: pip install 'w800emu[pictures]'") from None


def write_picture(machine: Machine, name: str, path: Path | str) -> None:
    """Write what a display shows, as PNG, at once or not at all."""
    written = BytesIO()
    picture_of(machine, name).save(written, "PNG")
    write_atomically(Path(path), written.getvalue())


def assert_image(machine: Machine, name: str, path: Path | str, *, update: bool = False) -> None:
    """AssertionError unless a display shows the picture of a file, pixel by pixel.

    What it shows is then written beside the file, as `*.actual.png`; with `update` into the file itself.
    """
    __tracebackhide__ = True
    expected = Path(path)
    if update:
        write_picture(machine, name, expected)
        return
    difference = _difference(picture_of(machine, name), expected)
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
