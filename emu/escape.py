"""Text from files and firmware on its way to a terminal."""

from __future__ import annotations


def escaped(text: str) -> str:
    """The text with what a terminal would act on shown as escapes, line ends included."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def escaped_lines(text: str) -> str:
    """Likewise, with line ends as they are."""
    return "\n".join(map(escaped, text.split("\n")))
