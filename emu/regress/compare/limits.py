"""What may differ between two builds: a text file with a rule a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from emu.loader import LoadError
from emu.regress.compare.difference import KINDS

_RULE: Final = re.compile(
    rf"(?P<kind>{'|'.join(KINDS)})(?:\s+(?P<name>\S.*?))??\s+"
    r"(?:\+\s*(?P<more>\d+(?:\.\d+)?)\s*(?P<percent>%)?|(?P<sign>[<>])\s*(?P<bound>\d+)|(?P<ignore>ignore))"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the file."""

    kind: str
    name: str = "*"
    """A pattern as in a shell."""
    more: float | None = None
    is_percent: bool = False
    below: int | None = None
    above: int | None = None

    def matches(self, kind: str, name: str) -> bool:
        """Whether it is about this."""
        return kind == self.kind and fnmatchcase(name, self.name)

    def allows(self, before: int | None, after: int | None) -> bool:
        """Whether it lets a number become another one; None: it is not there."""
        if self.below is not None or self.above is not None:
            value = after or 0
            return (self.below is None or value < self.below) and (self.above is None or value > self.above)
        if self.more is None:
            return True
        old, new = before or 0, after or 0
        return new - old <= (old * self.more / 100 if self.is_percent else self.more)


@dataclass(frozen=True, slots=True)
class Limits:
    """All rules; of those that match the last one counts."""

    rules: tuple[Rule, ...] = ()

    def allows(self, kind: str, name: str, before: int | None, after: int | None) -> bool:
        """Whether a difference is none that counts."""
        matching = [rule for rule in self.rules if rule.matches(kind, name)]
        return bool(matching) and matching[-1].allows(before, after)

    def tell_of(self, kind: str, name: str) -> bool:
        """Whether one of them is about this."""
        return any(rule.matches(kind, name) for rule in self.rules)

    def bounds(self) -> list[Rule]:
        """Rules that hold whether anything differs or not."""
        return [rule for rule in self.rules if rule.below is not None or rule.above is not None]


def parse_rule(text: str) -> Rule:
    """ValueError for what is no rule."""
    found = _RULE.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is no limit such as `time +2 %`, `stack wifi* < 2048`, `function idle ignore`"
        )
    bound = None if found["bound"] is None else int(found["bound"])
    return Rule(
        found["kind"],
        found["name"] or "*",
        None if found["more"] is None else float(found["more"]),
        found["percent"] is not None,
        bound if found["sign"] == "<" else None,
        bound if found["sign"] == ">" else None,
    )


def read_limits(path: Path) -> Limits:
    """Those of a file; `#` begins a comment. LoadError names the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({error.strerror}): check the name and the rights") from None
    except UnicodeDecodeError as error:
        raise LoadError(f"{path}: is no text: {error.reason}") from None
    rules = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0]
        try:
            rules += [parse_rule(text)] if text.strip() else []
        except ValueError as error:
            raise LoadError(f"{path}: line {number}: {error}") from None
    return Limits(tuple(rules))
