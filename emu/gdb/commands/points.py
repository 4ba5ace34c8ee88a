"""Breakpoints and watchpoints."""

from __future__ import annotations

from typing import Final

from emu.gdb.commands.table import (
    OK,
    bytes_of,
    number_of,
    packet,
)
from emu.gdb.session import Session
from emu.gdb.target import WATCH_KINDS, Watch

_BREAKPOINTS: Final = ("swbreak", "hwbreak")
_POINTS: Final = (*_BREAKPOINTS, *WATCH_KINDS)
"""In the order of their numbers."""


@packet("Z")
def insert_point(session: Session, arguments: bytes) -> str:
    """Stop there. How long the instruction is, gdb may not know: the code may not have been copied yet."""
    reason, address, size_bytes = _point(arguments)
    if reason in _BREAKPOINTS:
        session.target.insert_breakpoint(address, reason, _conditions(arguments))
    else:
        session.target.insert_watchpoint(Watch(reason, address, size_bytes))
    return OK


@packet("z")
def remove_point(session: Session, arguments: bytes) -> str:
    """Do not stop there any more."""
    reason, address, size_bytes = _point(arguments)
    if reason in _BREAKPOINTS:
        session.target.remove_breakpoint(address)
    else:
        session.target.remove_watchpoint(Watch(reason, address, size_bytes))
    return OK


def _conditions(arguments: bytes) -> tuple[bytes, ...]:
    """The agent expressions behind address and size: `X`, the length, a comma, the bytes."""
    _, *options = arguments.split(b";")
    texts = [each for option in options if option[:1] == b"X" for each in option[1:].split(b"X")]
    found = []
    for text in texts:
        length, digits = text.split(b",")
        if len(digits) != 2 * number_of(length):
            raise ValueError(text)
        found.append(bytes_of(digits))
    return tuple(found)


def _point(arguments: bytes) -> tuple[str, int, int]:
    """What the stop is called, address, size."""
    kind, address, size = arguments.split(b";")[0].split(b",")
    return _POINTS[number_of(kind)], number_of(address), number_of(size)
