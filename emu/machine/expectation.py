"""What somebody waits for on a UART, and what must not come before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from emu.machine.errors import MachineError
from emu.machine.text_search import ESCAPED, TextSearch

Text = TypeVar("Text", str, bytes)
Pattern: TypeAlias = Text | re.Pattern[Text]
Patterns: TypeAlias = Pattern[Text] | Sequence[Pattern[Text]]
"""Text or bytes, a compiled pattern, or several of them."""


class ExpectationError(AssertionError):
    """A text did not appear in time, or one came that must not; the message ends with the last lines."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pattern to wait for, and how its user has written it."""

    pattern: re.Pattern[Any]
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """The match that ends a wait."""

    match: re.Match[Any]
    name: str
    """Of the pattern."""
    index: int
    """Of the pattern, among those waited for."""
    is_forbidden: bool
    begin_bytes: int
    """Where the match begins in what was fed."""
    end_bytes: int


class Expectation:
    """Waits for the first of some patterns to match, or of those that are forbidden."""

    def __init__(
        self,
        wanted: Sequence[Wanted],
        forbidden: Sequence[Wanted],
        *,
        needs_all: bool = False,
    ) -> None:
        self._needs_all = needs_all
        self._wanted = wanted
        self._forbidden = forbidden
        self._searches = [TextSearch(one.pattern) for one in (*forbidden, *wanted)]
        self._data = bytearray()
        self._hits: list[int] = []

    @property
    def _is_choice(self) -> bool:
        return len(self._wanted) > 1 and not self._needs_all

    def _names(self) -> str:
        return ", ".join(one.name for one in self._wanted)

    def __str__(self) -> str:
        return f"any of {self._names()}" if self._is_choice else self._names()

    def missing(self, where: str) -> str:
        """That it has not come."""
        names = self._names()
        return (
            f"none of {names} appeared on {where}"
            if self._is_choice
            else f"{names} did not appear on {where}"
        )

    def feed(self, data: bytes) -> bool:
        """Take what the UART has sent; whether the wait is over. Bytes that came together count as one."""
        self._data += data
        self._hits = [number for number, search in enumerate(self._searches) if search.feed(data)]
        return bool(self._hits)

    def feed_earlier(self, data: bytes) -> bool:
        """Take what came before anybody waited: what is forbidden counts if it was there first."""
        forbidden = len(self._forbidden)
        if self.feed(data) and self._hits[0] < forbidden <= self._hits[-1]:
            again = Expectation(self._wanted, self._forbidden)
            any(again.feed(data[n : n + 1]) for n in range(len(data)))
            if again._hits and again._hits[0] >= forbidden:
                self._hits = [number for number in self._hits if number >= forbidden]
        return bool(self._hits)

    def found(self) -> Found | None:
        """What has ended the wait: what is forbidden, or the match that begins first."""
        found = [self._found(number) for number in self._hits]
        return min(found, key=lambda one: (not one.is_forbidden, one.begin_bytes), default=None)

    def _found(self, number: int) -> Found:
        search, forbidden = self._searches[number], len(self._forbidden)
        data = bytes(self._data)
        match = search.match(data)
        begin, end = (_size_bytes(match.string[:position]) for position in match.span())
        name = (*self._forbidden, *self._wanted)[number].name
        return Found(match, name, number - forbidden, number < forbidden, begin, end)


def _size_bytes(text: str | bytes) -> int:
    return len(text.encode(errors=ESCAPED) if isinstance(text, str) else text)


def compiled(argument: str, patterns: Any, *, is_exact: bool = False) -> list[Wanted]:
    """Compile a pattern or several; MachineError, with the name of the argument, for what is none."""
    is_one = isinstance(patterns, str | bytes | bytearray | re.Pattern)
    if not is_one and not isinstance(patterns, list | tuple):
        kinds = "no text, no bytes, no compiled pattern and no list of these"
        raise MachineError(f"{argument}: {patterns!r} is {kinds}")
    return [_compiled(argument, pattern, is_exact) for pattern in ([patterns] if is_one else patterns)]


def _compiled(argument: str, pattern: Any, is_exact: bool) -> Wanted:
    if isinstance(pattern, re.Pattern):
        if is_exact:
            raise MachineError(f"{argument}: {pattern.pattern!r} is a compiled pattern, which expect takes")
        return Wanted(pattern, repr(pattern.pattern))
    if not isinstance(pattern, str | bytes | bytearray):
        raise MachineError(f"{argument}: {pattern!r} is no text, no bytes and no compiled pattern")
    text: Any = pattern if isinstance(pattern, str) else bytes(pattern)
    try:
        return Wanted(re.compile(re.escape(text) if is_exact else text), repr(text))
    except (re.error, OverflowError, RecursionError) as error:
        raise MachineError(f"{argument}: {text!r} is no regular expression: {error}") from None
