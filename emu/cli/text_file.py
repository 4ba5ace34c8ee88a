"""Files of text that commands write: at once, or not at all."""

from __future__ import annotations

from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a file, in place of an older one; LoadError if that cannot be."""
    from emu.loader import write_atomically  # the help of commands needs none of it

    write_atomically(path, text.encode())


def make_folder(path: Path) -> None:
    """Make a folder, if it is not there; LoadError if that cannot be."""
    from emu.loader import LoadError

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LoadError(f"{path}: cannot be made ({error.strerror}): give another folder") from None
