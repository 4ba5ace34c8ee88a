"""Looks for a pattern in a text that grows byte by byte, without reading it all again for every byte."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable
from typing import Any

from emu.machine.match_outlook import LiteralOutlook, MatchOutlook, outlook_of

KEPT = 64
"""Characters that are searched at every byte, before it pays to find out which of them still matter."""

ESCAPED = "surrogateescape"  # keeps bytes that are no UTF-8, so that text positions lead back to bytes


class TextSearch:
    """Finds the first byte at which a pattern matches what has been fed so far."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.pattern = pattern
        self._decode = _decoder(pattern)
        self._window: Any = "" if isinstance(pattern.pattern, str) else bytearray()
        self._forgotten = 0  # characters before the window
        self._start = 0  # in the window; no match begins before
        self._limit = KEPT
        self._outlook: LiteralOutlook | MatchOutlook | None = None

    def feed(self, data: bytes) -> bool:
        """Take more of the text; whether there is a match now."""
        more = self._decode(data)
        if data and not more:
            return False  # part of a character
        window, self._window = self._window, None  # nobody else has it: it grows in its place
        window += more
        self._window = window
        if self._outlook is not None and len(more) == 1 and not self._outlook.may_end(window, self._start):
            has_match = False
        else:
            has_match = self.pattern.search(window, self._start) is not None
        if not has_match and len(window) - self._start > self._limit:
            self._forget()
        return has_match

    def match(self, data: bytes) -> re.Match[Any]:
        """The match, in all that has been fed."""
        match = self.pattern.search(_decoder(self.pattern)(data), self._forgotten + self._start)
        assert match is not None
        return match

    def _forget(self) -> None:
        """Leave out what no match can begin in, whatever comes."""
        self._outlook = self._outlook or outlook_of(self.pattern)
        start = self._outlook.first_begin(self._window, self._start)
        if start is None:
            self._limit = sys.maxsize
            return
        self._start = start
        self._limit = max(KEPT, 2 * (len(self._window) - start))  # so that this stays rare
        dropped = max(start - _context(self.pattern), 0)
        if dropped:
            self._window = self._window[dropped:]
            self._start -= dropped
            self._forgotten += dropped


def _context(pattern: re.Pattern[Any]) -> int:
    """How many characters before a match have a say in it; one tells whether a word or a line begins."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return sys.maxsize if "(?<=" in source or "(?<!" in source else 1


def _decoder(pattern: re.Pattern[Any]) -> Callable[[bytes], Any]:
    """What turns bytes into the kind of text that the pattern is for, one piece after the other."""
    is_text = isinstance(pattern.pattern, str)
    return codecs.getincrementaldecoder("utf-8")(ESCAPED).decode if is_text else bytes
