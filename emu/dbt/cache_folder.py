"""Where translations are kept."""

from __future__ import annotations

from pathlib import Path


def usual_cache_folder() -> Path | None:
    """The folder of this user for them; None for one without a home."""
    from platformdirs import user_cache_path  # a run with a folder of its own does without

    try:
        folder = user_cache_path("w800emu")
    except (OSError, RuntimeError):
        return None
    return folder if folder.is_absolute() else None  # platformdirs 4.0 leaves the ~ where nobody knows better
