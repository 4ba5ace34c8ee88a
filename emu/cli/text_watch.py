"""Watches the log UART for the texts that decide how a run ends."""

from __future__ import annotations

from collections.abc import Sequence

from emu.cli.exit_code import ExitCode


class TextWatch:
    """Success once every expected text has appeared, in any order; failure at the first forbidden one."""

    def __init__(self, expected: Sequence[str], forbidden: Sequence[str]) -> None:
        self.missing = [text.encode() for text in expected]
        self.seen_forbidden: str | None = None
        self._succeeds = bool(expected)
        self._forbidden = [text.encode() for text in forbidden]
        longest = max(map(len, [*self.missing, *self._forbidden]), default=0)
        self._kept_bytes = max(longest - 1, 0)
        self._recent = b""

    def feed(self, data: bytes) -> None:
        """Take what the firmware has printed."""
        text = self._recent + data
        self.missing = [wanted for wanted in self.missing if wanted not in text]
        found = next((bad for bad in self._forbidden if bad in text), None)
        if found is not None and self.seen_forbidden is None:
            self.seen_forbidden = found.decode()
        self._recent = text[max(len(text) - self._kept_bytes, 0) :]

    @property
    def verdict(self) -> ExitCode | None:
        """None while undecided."""
        if self.seen_forbidden is not None:
            return ExitCode.FAILURE
        return ExitCode.SUCCESS if self._succeeds and not self.missing else None
