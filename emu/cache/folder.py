"""Where things are kept from run to run."""

from __future__ import annotations

from os import PathLike
from pathlib import Path


def chosen_cache_folder(cache: bool | str | PathLike[str]) -> Path | None:
    """The folder that the option `cache` asks for, if there is one."""
    return usual_cache_folder() if cache is True else Path(cache) if cache is not False else None


def usual_cache_folder() -> Path | None:
    """The folder of this user; None for one without a home."""
    from platformdirs import user_cache_path  # a run with a folder of its own does without

    try:
        folder = user_cache_path("w800emu")
    except (OSError, RuntimeError):
        return None
    return folder if folder.is_absolute() else None  # platformdirs 4.0 leaves the ~ where nobody knows better
