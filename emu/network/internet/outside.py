"""Servers that are not in the world: what they hear leaves it, what they say comes back through a door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emu.network.formats.ipv4 import Ipv4
from emu.network.formats.udp import Udp
from emu.network.internet.connection import Connection, Key
from emu.network.internet.router import Router

NAME: Final = "outside"
TCP, UDP = "tcp", "udp"


class Outside:
    """The service `outside` of TCP, and UDP likewise.

    `tell` is called with what happens, a connection, and data: `open` asks whether the connection is
    accepted, `opened`, `data`, `drained`, `ended` and `vanished` tell how it goes, `datagram` brings one.
    """

    def __init__(self, router: Router) -> None:
        self.tell: Callable[[str, Key, bytes], None] = lambda event, key, data: None
        self._listening: set[tuple[str, bytes, int]] = set()
        """Protocol, address and port of servers that accept whoever comes."""
        self._allowed: set[tuple[bytes, int]] = set()
        """Addresses and ports (0: all) whose servers are asked."""
        self._router = router
        router.tcp.services[NAME] = self
        router.tcp.waits_for = self._waits_for

    def listen(self, protocol: str, address: bytes, port: int) -> None:
        """Have a server there."""
        self._listening.add((protocol, address, port))

    def allow(self, address: bytes, port: int) -> None:
        """Ask somebody outside about connections to this address and port; 0: all ports."""
        self._allowed.add((address, port))

    def is_at(self, protocol: str, address: bytes, port: int) -> bool:
        """Whether somebody is there, or may be."""
        return (protocol, address, port) in self._listening or self._is_allowed(address, port)

    def _is_allowed(self, address: bytes, port: int) -> bool:
        return (address, port) in self._allowed or (address, 0) in self._allowed

    def _waits_for(self, connection: Connection) -> bool:
        _, _, address, port = connection.key
        if connection.service != NAME or (TCP, address, port) in self._listening:
            return False
        self.tell("open", connection.key, b"")
        return True

    # ---- what happens ------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Tell it."""
        self.tell("opened", connection.key, b"")

    def received(self, connection: Connection, data: bytes) -> None:
        """Tell it."""
        self.tell("data", connection.key, data)

    def drained(self, connection: Connection) -> None:
        """Tell it: there is room for more."""
        self.tell("drained", connection.key, b"")

    def ended(self, connection: Connection) -> None:
        """Tell it."""
        self.tell("ended", connection.key, b"")

    def vanished(self, connection: Connection) -> None:
        """Tell it."""
        self.tell("vanished", connection.key, b"")

    def take(self, packet: Ipv4, datagram: Udp) -> bool:
        """Tell of a datagram; False: nobody is there."""
        if not self.is_at(UDP, packet.destination, datagram.destination_port):
            return False
        ports = datagram.source_port, datagram.destination_port
        self.tell("datagram", (packet.source, ports[0], packet.destination, ports[1]), datagram.data)
        return True

    # ---- what they do ------------------------------------------------------------------------------

    def accept(self, key: Key) -> None:
        """Accept a connection that was asked about."""
        self._router.tcp.accept(key)

    def refuse(self, key: Key) -> None:
        """Refuse it."""
        self._router.tcp.refuse(key)

    def send(self, key: Key, data: bytes) -> None:
        """Send data on a connection; harmless if it is no more."""
        if (connection := self._router.tcp.connections.get(key)) is not None:
            self._router.tcp.send(connection, data)

    def close(self, key: Key) -> None:
        """Send no more on a connection."""
        if (connection := self._router.tcp.connections.get(key)) is not None:
            self._router.tcp.close(connection)

    def reset(self, key: Key) -> None:
        """Break a connection off."""
        if (connection := self._router.tcp.connections.get(key)) is not None:
            self._router.tcp.reset(connection)

    def connect(self, key: Key) -> None:
        """Connect to the device."""
        self._router.tcp.connect(key, NAME)

    def send_datagram(self, key: Key, data: bytes) -> None:
        """Send a datagram to the device."""
        device, device_port, address, port = key
        self._router.send_datagram(Udp(port, device_port, data), address, device)

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return {"listening": set(self._listening), "allowed": set(self._allowed)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._listening, self._allowed = set(snapshot["listening"]), set(snapshot["allowed"])
