"""What is looked for in the output of a UART, as users write it: `[uartN:]TEXT` or `[uartN:]/REGEX/`."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

KEPT_BYTES: Final = 4096
"""How far back a match of a regular expression may begin."""
_UART = re.compile(r"uart([0-5]):", re.IGNORECASE)


@dataclass(frozen=True)
class TextPattern:
    """A text, or a regular expression, on one UART."""

    text: str
    uart: int = 0
    is_regex: bool = False

    @cached_property
    def _regex(self) -> re.Pattern[bytes]:
        forms = {self.text.encode(errors="surrogateescape")}
        if not self.text.isascii():  # firmware sends UTF-8, GBK (usual where the chip is from) or bytes
            with suppress(UnicodeEncodeError):
                forms.add(self.text.encode("gbk"))
        return re.compile(b"|".join(form if self.is_regex else re.escape(form) for form in sorted(forms)))

    @cached_property
    def kept_bytes(self) -> int:
        """How many bytes of before may belong to a match that is not complete yet."""
        return KEPT_BYTES if self.is_regex else max(len(self.text) * 4 - 1, 0)

    def is_in(self, data: bytes) -> bool:
        """Whether it is there."""
        return self._regex.search(data) is not None

    def __str__(self) -> str:
        return f"/{self.text}/" if self.is_regex else repr(self.text)


def parse_pattern(text: str) -> TextPattern:
    """Read a form; ValueError says what is wrong with it."""
    uart, rest = split_uart(text)
    if not rest:
        raise ValueError("an empty text is everywhere")
    if len(rest) > 2 and rest[0] == rest[-1] == "/":
        try:
            re.compile(rest[1:-1].encode(errors="surrogateescape"))
        except re.error as error:
            raise ValueError(f"{rest} is no regular expression: {error}") from None
        return TextPattern(rest[1:-1], uart, is_regex=True)
    return TextPattern(rest, uart)


def split_uart(text: str) -> tuple[int, str]:
    """The number of the UART in front, 0 without, and what is behind it."""
    match = _UART.match(text)
    return (int(match[1]), text[match.end() :]) if match else (0, text)


def parse_sent(text: str) -> tuple[int, bytes]:
    r"""A UART and the bytes to send to it: `[uartN:]TEXT` with \r, \n, \t, \xHH and \\ in it."""
    uart, rest = split_uart(text)
    if not rest:
        raise ValueError("an empty text cannot be sent")
    return uart, unescaped(rest)


def unescaped(text: str) -> bytes:
    """The bytes of a text with escapes; ValueError for one that is not known."""
    known = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}

    def plain(match: re.Match[bytes]) -> bytes:
        name = match[1].decode("latin-1")
        if name[:1] == "x" and len(name) == 3:
            return bytes.fromhex(name[1:])
        if name not in known:
            raise ValueError(f"{text!r}: \\{name} is none of \\r \\n \\t \\xHH \\\\")
        return known[name]

    data = text.encode(errors="surrogateescape")
    return re.sub(rb"\\(x[0-9A-Fa-f]{2}|.?)", plain, data, flags=re.DOTALL)
