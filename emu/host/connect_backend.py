"""A UART that connects to a TCP server on this machine."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from emu.host.tcp_backend import SocketBackend
from emu.host.uart_backend import Terminal
from emu.listening import PortError
from emu.quantities import parse_port

if TYPE_CHECKING:
    import socket

AGAIN_S: Final = 1.0
"""When a server that has gone is looked for again."""
_HERE: Final = ("localhost", "127.0.0.1", "::1")


class ConnectBackend(SocketBackend):
    """A client of a server, which it looks for again when that goes."""

    form = "connect:HOST:PORT"

    def __init__(self, argument: str, terminal: Terminal) -> None:
        super().__init__(terminal)
        host, _, port = argument.rpartition(":")
        self._address = (host, int(port))
        self._tried_at_s = 0.0
        try:
            self._first: socket.socket | None = self._connect()
        except OSError as error:
            why = f"{error.strerror or error}: start the server first"
            raise PortError(f"nothing answers at {argument}: {why}") from None

    @classmethod
    def check(cls, argument: str) -> None:
        """A name of this machine, and a port number: firmware is kept from other machines."""
        host, _, port = argument.rpartition(":")
        if host not in _HERE:
            raise ValueError(f"{host!r} is not this machine: use one of {', '.join(_HERE)}")
        if parse_port(port) == 0:
            raise ValueError("port 0 is nobody's: name the server's")

    @property
    def announcement(self) -> str:
        """The server."""
        return "is a client of {}:{}".format(*self._address)

    def find_peer(self) -> socket.socket | None:
        """The server; looked for once in a while."""
        first, self._first = self._first, None
        if first is not None:
            return first
        now_s = time.monotonic()
        if now_s - self._tried_at_s < AGAIN_S:
            return None
        self._tried_at_s = now_s
        with suppress(OSError):
            return self._connect()
        return None

    def _connect(self) -> socket.socket:
        import socket

        return socket.create_connection(self._address, timeout=1)
