"""Bad cuts that are known: the JSON of an earlier sweep."""

from __future__ import annotations

import json
from pathlib import Path

from emu.loader import LoadError


def read_baseline(path: Path) -> frozenset[str]:
    """The names of the bad cuts in a report; LoadError for something else."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        return frozenset(str(bad["cut"]) for bad in report["bad"])
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({error.strerror}): check the name and the rights") from None
    except (ValueError, LookupError, TypeError):
        raise LoadError(f"{path}: is no report of `w800emu powercut --json`") from None
