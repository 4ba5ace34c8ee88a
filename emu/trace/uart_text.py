"""What the UARTs of a trace have sent, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from emu.escape import escaped
from emu.trace.layout import EventKind
from emu.trace.trace import Event

_LINE_END: Final = 0x0A


class UartLine(NamedTuple):
    """A line without its end; the last one may have none."""

    uart: int
    begin: Event
    """The first byte."""
    text: str


def uart_lines(events: Iterable[Event]) -> Iterator[UartLine]:
    """The lines of all UARTs, each when it is complete."""
    begun: dict[int, tuple[Event, bytearray]] = {}
    for event in events:
        if event.kind is EventKind.UART:
            begin, line = begun.setdefault(event.first, (event, bytearray()))
            line.append(event.second)
            if event.second == _LINE_END:
                yield _line(begin, bytes(begun.pop(event.first)[1]))
    for begin, line in begun.values():
        yield _line(begin, bytes(line))


def _line(begin: Event, data: bytes) -> UartLine:
    return UartLine(begin.first, begin, escaped(data.rstrip(b"\r\n").decode(errors="backslashreplace")))
