"""Watches the log UART for the texts that decide how a run ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from emu.cli.exit_code import ExitCode


class TextWatch:
    """Success once every expected text has appeared, in any order; failure at the first forbidden one."""

    def __init__(self, expected: Sequence[str], forbidden: Sequence[str]) -> None:
        self.missing = list(expected)
        self.seen_forbidden: str | None = None
        self._succeeds = bool(expected)
        self._forbidden = list(forbidden)
        self._encoded = {text: _encodings(text) for text in (*expected, *forbidden)}
        longest = max((len(data) for forms in self._encoded.values() for data in forms), default=0)
        self._kept_bytes = max(longest - 1, 0)
        self._recent = b""

    def feed(self, data: bytes) -> None:
        """Take what the firmware has printed."""
        text = self._recent + data
        self.missing = [wanted for wanted in self.missing if not self._is_in(text, wanted)]
        if self.seen_forbidden is None:
            self.seen_forbidden = next((bad for bad in self._forbidden if self._is_in(text, bad)), None)
        self._recent = text[max(len(text) - self._kept_bytes, 0) :]

    def _is_in(self, data: bytes, text: str) -> bool:
        return any(form in data for form in self._encoded[text])

    @property
    def verdict(self) -> ExitCode | None:
        """None while undecided."""
        if self.seen_forbidden is not None:
            return ExitCode.FAILURE
        return ExitCode.SUCCESS if self._succeeds and not self.missing else None


def _encodings(text: str) -> set[bytes]:
    """What the firmware may send for a text: UTF-8, GBK (usual where the chip is from), or the bytes given.

    The command line's bytes that are no text in the user's encoding are surrogates here.
    """
    forms = {text.encode(errors="surrogateescape")}
    if text.isascii():
        return forms
    with suppress(UnicodeEncodeError):
        forms.add(text.encode("gbk"))
    return forms
