"""What is wired to a UART outside the chip: something that answers, or another UART."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Answer = Callable[[bytes], bytes | None]
"""Gets each byte that the firmware sends, when it is out; what it returns is sent back."""


class Port(Protocol):
    """One side of a UART outside the chip."""

    def write(self, data: bytes) -> None:
        """Send to the firmware at the pace of the line."""

    def listen(self, listener: Callable[[int, int], None]) -> None:
        """Tell the virtual time and each byte, as it arrives."""

    def unlisten(self, listener: Callable[[int, int], None]) -> None:
        """Tell no more."""


class Connection:
    """Wires that last until `close`."""

    def __init__(self, port: Port, peer: Answer | Port) -> None:
        if callable(peer):
            self._listeners = [(port, _answering(port, peer))]
        else:
            self._listeners = [(port, _passing_to(peer)), (peer, _passing_to(port))]
        for sender, listener in self._listeners:
            sender.listen(listener)

    def close(self) -> None:
        """Take the wires away; bytes that are on their way still arrive."""
        for sender, listener in self._listeners:
            sender.unlisten(listener)
        self._listeners = []


def _answering(port: Port, answer: Answer) -> Callable[[int, int], None]:
    def heard(_time_ns: int, byte: int) -> None:
        if data := answer(bytes((byte,))):
            port.write(data)

    return heard


def _passing_to(port: Port) -> Callable[[int, int], None]:
    return lambda _time_ns, byte: port.write(bytes((byte,)))
