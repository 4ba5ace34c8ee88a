"""What can be told about the matches of a pattern in a text of which more will come.

`re` has no answer to that. The package `regex` has: it matches up to the end of an unfinished text, and
backwards.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

_TOKEN = re.compile(
    r"\\N\{[^}]*\} | \\. | \[ \^? \]? (?:\\.|[^\]\\])* \] | \$ | \{ (?! \d+\} | \d*,\d*\} )",
    re.DOTALL | re.VERBOSE,
)
"""The parts of a regular expression that matter here, and those that must not be taken for them."""

_FREE_SPACING = re.compile(r"\(\?[a-zA-Z]*[xL] | \(\?\#", re.VERBOSE)
_MORE_THAN_A_SPAN = re.compile(r"\(\? (?! : | P< | [aimsu]+[:)] ) | \\[bB1-9] | [*+?}]\+", re.VERBOSE)
"""Assertions, references and possessive parts: with these, a match may not end where it gets complete, or not
be one backwards."""

_LITERAL = re.compile(r"(?: [^\\.^$*+?{}\[\]|()] | \\ [^a-zA-Z0-9] )*", re.VERBOSE | re.DOTALL)
"""A text without parts of a regular expression, special characters escaped."""

_ASSERTIONS = ("$", r"\b", r"\B", r"\Z", r"\z")
_MORE_IS_THERE = r"(?=\n?(?s:.))"


class LiteralOutlook:
    """What can be told about the places of one text, as `MatchOutlook` tells it."""

    def __init__(self, literal: str | bytes) -> None:
        self._literal: Any = literal

    def first_begin(self, text: Any, start: int) -> int:
        """Where the first match may begin that may get complete, from `start` on."""
        return max(start, len(text) - len(self._literal) + 1)

    def may_end(self, text: Any, start: int) -> bool:
        """Whether the last character has completed a match."""
        return bool(text.endswith(self._literal, start))


def outlook_of(pattern: re.Pattern[Any]) -> LiteralOutlook | MatchOutlook:
    """The outlook for a pattern; one for a mere text does without `regex`."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    if pattern.flags & (re.IGNORECASE | re.VERBOSE | re.LOCALE) or not _LITERAL.fullmatch(source):
        return MatchOutlook(pattern)
    literal = re.sub(r"\\(.)", r"\1", source, flags=re.DOTALL)
    return LiteralOutlook(literal if isinstance(pattern.pattern, str) else literal.encode("latin-1"))


class MatchOutlook:
    """Where matches may begin, and whether one may end here; never says no to one that `re` would find."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self._growing = self._backwards = None
        source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        if pattern.flags & (re.VERBOSE | re.LOCALE) or _FREE_SPACING.search(source):
            return
        self._growing = _compiled(pattern, _TOKEN.sub(_growing, source))
        if not _MORE_THAN_A_SPAN.search(source):
            self._backwards = _compiled(pattern, rf"(?:{_TOKEN.sub(_converted, source)})\Z", "REVERSE")

    def first_begin(self, text: Any, start: int) -> int | None:
        """Where the first match begins that may get complete, from `start` on; None: that cannot be told."""
        if self._growing is None:
            return None
        # Most often where it has been so far: then no other place need be tried.
        begun = self._growing.match(text, start, partial=True) or self._growing.search(
            text, start, partial=True
        )
        if begun is None:
            return len(text)
        return begun.start() if begun.partial else start

    def may_end(self, text: Any, start: int) -> bool:
        """Whether the last character may have completed a match."""
        return self._backwards is None or self._backwards.match(text, start) is not None


def _compiled(pattern: re.Pattern[Any], source: str, *more_flags: str) -> Any:
    import regex  # takes its time, and short waits do without

    flags = regex.V0
    for name in ("IGNORECASE", "MULTILINE", "DOTALL", "ASCII"):
        if pattern.flags & getattr(re, name):
            flags |= getattr(regex, name)
    for name in more_flags:
        flags |= getattr(regex, name)
    try:
        with warnings.catch_warnings(action="ignore"):
            same: Any = source if isinstance(pattern.pattern, str) else source.encode("latin-1")
            return regex.compile(same, flags)
    except regex.error:
        return None


def _growing(token: re.Match[str]) -> str:
    """To `regex` the end of the text decides an assertion about what follows; a look-ahead waits for more."""
    text = _converted(token)
    return _MORE_IS_THERE + text if token[0] in _ASSERTIONS else text


def _converted(token: re.Match[str]) -> str:
    """What `regex` would take otherwise."""
    text = token[0]
    if text.startswith("["):  # no class begins in a class
        return "[" + re.sub(r"(\\.)|\[", lambda inner: inner[1] or r"\[", text[1:], flags=re.DOTALL)
    return {"{": r"\{", r"\z": r"\Z"}.get(text, text)
