"""What is wrong with a packet."""

from __future__ import annotations


class FormatError(ValueError):
    """A packet is too short for what it says, or says something impossible."""


def check(is_right: bool, what: str) -> None:
    """FormatError unless it is right."""
    if not is_right:
        raise FormatError(what)
