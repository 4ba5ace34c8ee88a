"""One client's socket: packets come in, answers go out."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from emu.gdb.packets import ACK, NAK, Mark, PacketReader, frame

_CHUNK_BYTES: Final = 1 << 16
_SEND_TIMEOUT_S: Final = 5.0
"""A client that does not read for so long is not worth waiting for."""


class Connection:
    """Speaks the framing, with or without acknowledgments; `is_open` is False once the client has gone."""

    def __init__(self, client: socket.socket) -> None:
        client.settimeout(_SEND_TIMEOUT_S)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = client
        self.is_open = True
        self.has_acks = True
        self._reader = PacketReader()
        self._last = b""

    def receive(self) -> Iterator[bytes | Mark]:
        """What has arrived, packets and Ctrl-C; to be called when there is something."""
        try:
            data = self.socket.recv(_CHUNK_BYTES)
        except OSError:
            data = b""
        if not data:
            self.close()
        for event in self._reader.feed(data):
            if event is Mark.NAK:
                self._send(self._last if self.has_acks else b"")
            elif event is Mark.DAMAGED:
                self._send(NAK if self.has_acks else frame(b"E00"))
            else:
                if event is not Mark.INTERRUPT and self.has_acks:
                    self._send(ACK)
                yield event

    def send(self, contents: bytes) -> None:
        """Send a packet."""
        self._last = frame(contents)
        self._send(self._last)

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        self.socket.close()

    def _send(self, data: bytes) -> None:
        if self.is_open and data:
            try:
                self.socket.sendall(data)
            except OSError:
                self.close()
