"""Text from files on its way to the terminal."""

from __future__ import annotations


def escaped(text: str) -> str:
    """The text with what a terminal would act on shown as escapes."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
