"""A UART as a TCP server on this machine."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from emu.host.uart_backend import Terminal, UartBackend
from emu.listening import listen
from emu.quantities import parse_port

if TYPE_CHECKING:
    import socket

BACKLOG_BYTES: Final = 1 << 20
LINGER_S: Final = 5.0
"""How long a client that has ended its sending is kept while there is nothing for it."""
_CHUNK_BYTES = 4096


class TcpBackend(UartBackend):
    """Serves one client after the other; what is sent before the first one comes is kept for it.

    A client that has ended its sending gets answers until there are none any more, or the next one comes,
    which gets nothing of what was for the one before.
    """

    form = "tcp:PORT"
    takes_input = True

    def __init__(self, argument: str, terminal: Terminal) -> None:
        self._listener = listen(int(argument))
        self._client: socket.socket | None = None
        self._has_ended = False
        self._active_at_s = 0.0
        self._waiting = bytearray()
        self.address = "{}:{}".format(*self._listener.getsockname())
        """Where clients find it."""

    @classmethod
    def check(cls, argument: str) -> None:
        """A port number; 0 for any."""
        try:
            parse_port(argument)
        except ValueError as error:
            raise ValueError(f"'tcp:{argument}': {error}") from None

    @property
    def announcement(self) -> str:
        """The address."""
        return f"is on TCP at {self.address}"

    def send(self, data: bytes) -> None:
        """Keep the bytes for the client; the oldest go when nobody takes them."""
        self._waiting += data
        del self._waiting[:-BACKLOG_BYTES]

    def flush(self) -> None:
        """Give the client what it takes without waiting."""
        if self._client is None or self._has_ended:
            self._accept()
        if self._client is None:
            return
        if self._waiting:
            try:
                del self._waiting[: self._client.send(self._waiting)]
                self._active_at_s = time.monotonic()
            except BlockingIOError:
                pass
            except OSError:
                self._hang_up()
        if self._has_ended and time.monotonic() - self._active_at_s > LINGER_S:
            self._hang_up()

    def receive(self) -> bytes:
        """What the client has sent."""
        if self._client is None or self._has_ended:
            return b""
        try:
            received = self._client.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            self._hang_up()
            return b""
        if (
            not received
        ):  # perhaps it has gone, perhaps it waits for answers: nobody can tell before they are sent
            self._has_ended = True
            self._active_at_s = time.monotonic()
        return received

    def close(self) -> None:
        """Hand over what is waiting, for at most a second, and hang up."""
        import socket

        self.flush()
        if self._client is not None:
            with suppress(OSError):
                self._client.settimeout(1)
                self._client.sendall(self._waiting)
                self._client.shutdown(socket.SHUT_WR)
                self._client.setblocking(False)
                self._client.recv(
                    BACKLOG_BYTES
                )  # unread input would make a reset of the end, and lose output
            self._client.close()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            if self._client is not None:
                self._hang_up()
            client.setblocking(False)
            self._client = client

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
        self._has_ended = False
        self._waiting.clear()
