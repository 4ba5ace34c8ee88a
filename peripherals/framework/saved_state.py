"""How the state of a model becomes plain data, and comes back."""

from __future__ import annotations

import copy
from enum import Enum
from typing import Any

_UNCHANGEABLE = (int, str, bytes, type(None), Enum)


def saved(state: Any) -> Any:
    """Take a snapshot of plain data, of an object with save and restore, or of a tuple of these."""
    if hasattr(state, "save"):
        return state.save()
    if isinstance(state, tuple):
        return [saved(part) for part in state]
    return state if isinstance(state, _UNCHANGEABLE) else copy.deepcopy(state)


def restored(state: Any, snapshot: Any) -> Any:
    """Go back to a snapshot: gives the state to hold, which is the same object if it restores itself."""
    if hasattr(state, "restore"):
        state.restore(snapshot)
        return state
    if isinstance(state, tuple):
        return tuple(restored(part, saved) for part, saved in zip(state, snapshot, strict=True))
    return snapshot if isinstance(snapshot, _UNCHANGEABLE) else copy.deepcopy(snapshot)
