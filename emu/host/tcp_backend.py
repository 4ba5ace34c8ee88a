"""A UART as a TCP server on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
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
_CHUNK_BYTES = 16 * 1024


class SocketBackend(UartBackend):
    """Somebody at the other end of a TCP connection, one after the other.

    What is sent before the first one comes is kept for it. One that has ended its sending gets answers until
    there are none any more, or the next one comes, which gets nothing of what was for the one before.
    """

    takes_input = True

    def __init__(self, terminal: Terminal) -> None:
        self._say = terminal.say
        self._peer: socket.socket | None = None
        self._has_ended = False
        self._active_at_s = 0.0
        self._waiting = bytearray()

    def find_peer(self) -> socket.socket | None:
        """The next one, if there is one; never waits."""
        raise NotImplementedError

    def greet(self) -> None:
        """Somebody new is there."""

    def forget(self) -> None:
        """The peer has gone."""
        self._say("has been left")

    @property
    def descriptors(self) -> Sequence[int]:
        """The connection."""
        return () if self._peer is None or self._has_ended else (self._peer.fileno(),)

    def send(self, data: bytes) -> None:
        """Keep the bytes for the peer; the oldest go when nobody takes them."""
        self._waiting += data
        if len(self._waiting) > BACKLOG_BYTES:
            del self._waiting[:-BACKLOG_BYTES]

    def flush(self) -> None:
        """Give the peer what it takes without waiting."""
        if self._peer is None or self._has_ended:
            self._meet()
        if self._peer is None:
            return
        if self._waiting:
            try:
                del self._waiting[: self._peer.send(self._waiting)]
                self._active_at_s = time.monotonic()
            except BlockingIOError:
                pass
            except OSError:
                self._hang_up()
        if self._has_ended and time.monotonic() - self._active_at_s > LINGER_S:
            self._hang_up()

    def receive(self) -> bytes:
        """What the peer has sent."""
        if self._peer is None or self._has_ended:
            return b""
        try:
            received = self._peer.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            self._hang_up()
            return b""
        if not received:  # perhaps it has gone, perhaps it waits for answers: nobody can tell before they go
            self._has_ended = True
            self._active_at_s = time.monotonic()
            self.forget()
        return received

    def close(self) -> None:
        """Hand over what is waiting, for at most a second, and hang up."""
        import socket

        self.flush()
        if self._peer is not None:
            with suppress(OSError):
                self._peer.settimeout(1)
                self._peer.sendall(self._waiting)
                self._peer.shutdown(socket.SHUT_WR)
                self._peer.setblocking(False)
                # unread input would make a reset of the end, and lose output
                self._peer.recv(BACKLOG_BYTES)
            self._peer.close()

    def _meet(self) -> None:
        import socket

        if (peer := self.find_peer()) is None:
            return
        if self._peer is not None:
            self._hang_up()
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peer = peer
        self._say("is connected")
        self.greet()

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._peer.close()
            if not self._has_ended:
                self.forget()
        self._peer = None
        self._has_ended = False
        self._waiting.clear()


class TcpBackend(SocketBackend):
    """Serves one client after the other."""

    form = "tcp:PORT"

    def __init__(self, argument: str, terminal: Terminal) -> None:
        super().__init__(terminal)
        self._listener = listen(int(argument))
        self.address = "{}:{}".format(*self._listener.getsockname())
        """Where clients find it."""

    @classmethod
    def check(cls, argument: str) -> None:
        """A port number; 0 for any."""
        parse_port(argument)

    @property
    def announcement(self) -> str:
        """The address."""
        return f"is on TCP at {self.address}"

    @property
    def descriptors(self) -> Sequence[int]:
        """The connection, and who wants one."""
        return (*super().descriptors, self._listener.fileno())

    def find_peer(self) -> socket.socket | None:
        """Who has connected."""
        with suppress(OSError):
            return self._listener.accept()[0]
        return None

    def close(self) -> None:
        """Hand over what is waiting, and listen no more."""
        super().close()
        self._listener.close()
