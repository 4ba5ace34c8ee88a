"""What machines of one process have in common that are made of the same firmware: its translations."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from emu.cache.folder import chosen_cache_folder

T = TypeVar("T")


class Translations:
    """Translated code, for `Machine.load` as `cache`: read once from a folder, for all machines given it.

    The machines of one thread, that is. What one of them translates, those made after it have at once.
    """

    def __init__(self, cache: bool | str | PathLike[str] = True) -> None:
        """A folder; True: the usual one of this user, False: none, so that nothing is kept."""
        self.folder = chosen_cache_folder(cache)
        """None for a user without a home, too."""
        self._stores: dict[Hashable, Any] = {}

    def store(self, key: Hashable, make: Callable[[Path], T]) -> T | None:
        """What was made for a key, which is made in the folder if need be; None without a folder."""
        if self.folder is None:
            return None
        if key not in self._stores:
            self._stores[key] = make(self.folder)
        store: T = self._stores[key]
        return store
