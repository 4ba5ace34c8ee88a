"""Where keys are in a TOML file: the parser of the standard library does not tell."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """The line of each table and key by its path, counted from 1.

    A table that has no line of its own is where a path first leads through it. Good for plain tables and keys
    in one line, as board files have them; others are not found.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = path = _path(header[1])
        elif key := _KEY.match(line):
            path = (*table, *_path(key[1]))
        else:
            continue
        for depth in range(1, len(path) + 1):
            found.setdefault(path[:depth], number)
    return found


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
