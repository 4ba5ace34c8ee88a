"""Text from files and firmware on its way to a terminal."""

from __future__ import annotations

from pathlib import Path


def escaped(text: str) -> str:
    """The text with what a terminal would act on shown as escapes, line ends included."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def escaped_lines(text: str) -> str:
    """Likewise, with line ends as they are."""
    return "\n".join(map(escaped, text.split("\n")))


def as_argument(path: Path) -> str:
    """A path as it is typed in a shell of any system: in quotation marks if it has spaces."""
    return f'"{path}"' if " " in str(path) else str(path)
