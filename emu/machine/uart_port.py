"""A serial port seen from outside the chip: what the firmware has sent, and what is sent to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from peripherals.framework.observers import Observers

NS_PER_SECOND = 1_000_000_000
SEARCHED_BYTES = 16 * 1024
"""How far back a match may begin: bounds the search that every byte costs while somebody waits for a text."""

LINES_SHOWN = 10
_ESCAPED = "surrogateescape"  # keeps bytes that are no UTF-8, so that text positions lead back to bytes


class SerialLine(Protocol):
    """The model of the UART at the other end of the line."""

    transmit: Callable[[int], None]
    is_prompt: bool
    """Whether `transmit` has to get each byte at its own time."""

    def catch_up(self) -> None:
        """Heed that `is_prompt` has changed."""

    @property
    def queued(self) -> int:
        """How many of the bytes fed have not arrived yet."""

    def feed(self, data: bytes) -> None:
        """Send bytes to the chip at the pace of the line."""


class Runner(Protocol):
    """What lets time pass while a port waits."""

    @property
    def gate(self) -> AbstractContextManager[Any]:
        """Keeps signals from ending what must not be left halfway."""

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""

    def stop(self) -> None:
        """End the run under way as soon as possible."""

    def run(self, max_time_ns: int) -> object:
        """Run until stopped or the time is up; what happened, as text, tells why a text is missing."""


class ExpectationError(AssertionError):
    """A text did not appear in time; the message ends with the last lines of the UART."""


class UartPort:
    """The other side of a UART: `expect` what the firmware prints, `write` what it reads.

    `listeners` get the virtual time in nanoseconds and each byte: as it arrives while somebody waits for a
    text, otherwise up to a FIFO of bytes together.
    """

    def __init__(self, name: str, line: SerialLine, runner: Runner) -> None:
        self.name = name
        self.listeners = Observers[[int, int]]()
        self._line = line
        self._runner = runner
        self._received = bytearray()
        self._consumed = 0  # behind the last match
        self._wanted: re.Pattern[str] | None = None
        self._match: re.Match[str] | None = None
        line.transmit = self._receive

    @property
    def data(self) -> bytes:
        """All that has been received."""
        return bytes(self._received)

    @property
    def text(self) -> str:
        """All that has been received; what is not UTF-8 shows as U+FFFD."""
        return self._received.decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        """The text in lines, without their ends; the last one may be incomplete."""
        return self.text.replace("\r\n", "\n").split("\n")

    @property
    def queued(self) -> int:
        """How many of the bytes written are still on their way to the firmware."""
        return self._line.queued

    def write(self, data: bytes | str) -> None:
        """Send to the firmware at the pace of the line; text goes as UTF-8."""
        self._line.feed(data.encode() if isinstance(data, str) else data)

    def expect(self, pattern: str, timeout_s: float = 10.0) -> re.Match[str]:
        """Run until the regular expression matches what came behind the previous match.

        The run stops at the byte that completes the match. The timeout counts virtual seconds; when it is
        over, or the firmware crashes, ExpectationError is raised.
        """
        self._wanted = re.compile(pattern)
        try:
            happened = "" if self._search() else self._wait(round(timeout_s * NS_PER_SECOND))
        finally:
            self._wanted = None
        match, self._match = self._match, None
        if match is None:
            raise ExpectationError(
                f"{pattern!r} did not appear on {self.name}: {happened}\n{self._last_lines()}"
            )
        return match

    def _wait(self, timeout_ns: int) -> str:
        with self._runner.gate:
            self._line.is_prompt = True
            self._line.catch_up()
            try:
                return str(self._runner.run(timeout_ns))
            finally:
                self._line.is_prompt = False

    def _receive(self, byte: int) -> None:
        self._received.append(byte)
        if self.listeners:
            self.listeners(self._runner.now_ns, byte)
        if self._wanted is not None and self._match is None and self._search():
            self._runner.stop()

    def _search(self) -> bool:
        """Look for the text that somebody waits for."""
        assert self._wanted is not None
        start = max(self._consumed, len(self._received) - SEARCHED_BYTES)
        text = self._received[start:].decode(errors=_ESCAPED)
        match = self._match = self._wanted.search(text)
        if match is not None:
            self._consumed = start + len(text[: match.end()].encode(errors=_ESCAPED))
        return match is not None

    def _last_lines(self) -> str:
        lines = self.text.splitlines()[-LINES_SHOWN:]
        return "\n".join(
            ["last lines:", *(f"    {line}" for line in lines)] if lines else ["nothing was printed"]
        )
