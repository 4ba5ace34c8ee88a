"""Watches UARTs for the texts that decide how a run ends."""

from __future__ import annotations

from collections.abc import Sequence

from emu.cli.exit_code import ExitCode
from emu.host.text_pattern import TextPattern


class TextFeed:
    """The latest output of one UART."""

    def __init__(self, patterns: Sequence[TextPattern]) -> None:
        self._kept_bytes = max((pattern.kept_bytes for pattern in patterns), default=0)
        self._recent = b""

    def feed(self, data: bytes) -> bytes:
        """Take what comes next; with it, all in which something may be found."""
        text = self._recent + data
        self._recent = text[max(len(text) - self._kept_bytes, 0) :]
        return text


class TextWatch:
    """Success once every expected text has appeared, in any order; failure at the first forbidden one."""

    def __init__(self, expected: Sequence[TextPattern | str], forbidden: Sequence[TextPattern | str]) -> None:
        """Texts alone are those of UART 0."""
        self.missing = [_pattern(each) for each in expected]
        self.seen_forbidden: TextPattern | None = None
        self._succeeds = bool(expected)
        self._forbidden = [_pattern(each) for each in forbidden]
        patterns = [*self.missing, *self._forbidden]
        self._feeds = {
            uart: TextFeed([each for each in patterns if each.uart == uart])
            for uart in {each.uart for each in patterns}
        }

    @property
    def uarts(self) -> Sequence[int]:
        """Which are of interest."""
        return sorted(self._feeds)

    def feed(self, data: bytes, uart: int = 0) -> None:
        """Take what the firmware has printed."""
        if uart not in self._feeds:
            return
        text = self._feeds[uart].feed(data)
        self.missing = [each for each in self.missing if each.uart != uart or not each.is_in(text)]
        if self.seen_forbidden is None:
            here = (each for each in self._forbidden if each.uart == uart)
            self.seen_forbidden = next((bad for bad in here if bad.is_in(text)), None)

    @property
    def verdict(self) -> ExitCode | None:
        """None while undecided."""
        if self.seen_forbidden is not None:
            return ExitCode.FAILURE
        return ExitCode.SUCCESS if self._succeeds and not self.missing else None


def _pattern(each: TextPattern | str) -> TextPattern:
    return TextPattern(each) if isinstance(each, str) else each
