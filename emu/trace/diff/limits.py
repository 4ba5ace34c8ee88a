"""What a comparison leaves out: a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from emu.loader.errors import LoadError


@dataclass(frozen=True, slots=True)
class Limits:
    """Differences that count; each field is a key of the file."""

    ignore: tuple[str, ...] = ()
    """Functions, by patterns as in a shell: nothing of them counts, except for their callers' totals."""
    below_percent: float = 0
    """Changes of calls and instructions up to this do not count; nor do divergences, if it is given."""
    handlers: bool = True
    """Whether handlers of exceptions and interrupts count."""
    flash: bool = True
    """Whether flash operations count."""

    def ignores(self, function: str) -> bool:
        """Whether a function is left out."""
        return any(fnmatchcase(function, pattern) for pattern in self.ignore)

    def is_change(self, before: int, after: int) -> bool:
        """Whether two counts differ enough."""
        return abs(after - before) * 100 > before * self.below_percent


NO_LIMITS: Final = Limits()
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "ignore": (list,),
    "below_percent": (int, float),
    "handlers": (bool,),
    "flash": (bool,),
}


def read_limits(path: Path) -> Limits:
    """Read a file; LoadError for one that says something else."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise LoadError(f"{path}: {error}") from None
    for key, value in values.items():
        if key not in _KINDS:
            raise LoadError(f"{path}: {key} is none of {', '.join(_KINDS)}")
        if not _is_of_kind(value, _KINDS[key]):
            raise LoadError(f"{path}: {key} cannot be {value!r}")
    return Limits(**{**values, "ignore": tuple(values.get("ignore", ()))})


def _is_of_kind(value: object, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        return False
    if isinstance(value, (int, float)) and value < 0:
        return False
    return type(value) in kinds  # a bool is no number here
