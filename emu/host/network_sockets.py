"""Sockets of the host for the device: ports of it on 127.0.0.1, and servers that the user has allowed."""

from __future__ import annotations

import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from emu.host.errors import HostError
from emu.host.network_choices import LOOPBACK, Allowed, Forward
from emu.listening import listen
from emu.machine import Machine
from emu.network.internet.connection import Key

WAITING_BYTES: Final = 64 * 1024
"""With so much waiting for the device no more is taken from the host."""
MOST_SOCKETS: Final = 200
_CHUNK_BYTES: Final = 16 * 1024
_FIRST_PORT: Final = 49152
_WAITING: Final = 16
"""How many connections a browser may open at once."""


@dataclass(slots=True)
class _Link:
    """A connection of the device and the socket that it goes on with."""

    socket: socket.socket
    is_connecting: bool = False
    is_datagram: bool = False
    output: bytearray = field(default_factory=bytearray)
    device_has_ended: bool = False
    host_has_ended: bool = False


class NetworkSockets:
    """Carries data between the device and the host's sockets; what comes in is an input of a recording."""

    def __init__(self, machine: Machine, forwards: tuple[Forward, ...], allowed: tuple[Allowed, ...]) -> None:
        """PortError for a port that is taken, HostError for a host without an address."""
        self._machine = machine
        self._wifi = machine.wifi
        self._links: dict[Key, _Link] = {}
        self._next_port = _FIRST_PORT
        self._allowed = [(one, _address_of(one)) for one in allowed]
        self._listeners: list[tuple[socket.socket, Forward]] = []
        for forward in forwards:
            self._listeners.append((listen(forward.host_port, _WAITING), forward))
        for one, _ in self._allowed:
            self._wifi.act("allow", one.seen_as, one.port)
        self._wifi.outside.append(self._told)

    @property
    def is_busy(self) -> bool:
        """Whether somebody of the host is in a connection: virtual time has to follow the host's."""
        return bool(self._links)

    @property
    def announcements(self) -> list[str]:
        """Where the host can connect to, a line each."""
        return [
            f"{LOOPBACK}:{listener.getsockname()[1]} leads to port {forward.device_port} of the device"
            for listener, forward in self._listeners
        ]

    # ---- the device's side ---------------------------------------------------------------------------

    def _told(self, event: str, key: Key, data: bytes) -> None:
        if event == "open":
            self._open(key)
        elif event == "datagram":
            self._send_datagram(key, data)
        elif (link := self._links.get(key)) is None:
            return
        elif event == "data":
            link.output += data
            self._flush(key, link)
        elif event == "ended":
            link.device_has_ended = True
            self._flush(key, link)
        elif event == "vanished":
            self._drop(key)

    def _target(self, key: Key) -> tuple[str, int] | None:
        """Host address and port behind an address of the virtual network; None: not allowed."""
        for one, address in self._allowed:
            if self._wifi.address_of(one.seen_as) == key[2] and one.port in (0, key[3]):
                return address, key[3]
        return None

    def _open(self, key: Key) -> None:
        target = self._target(key)
        if target is None or len(self._links) >= MOST_SOCKETS:
            self._wifi.act("refuse", key)
            return
        link = self._links[key] = _Link(socket.socket(), is_connecting=True)
        link.socket.setblocking(False)
        link.socket.connect_ex(target)

    def _send_datagram(self, key: Key, data: bytes) -> None:
        target = self._target(key)
        if target is None:
            return
        if key not in self._links:
            if len(self._links) >= MOST_SOCKETS:
                self._drop(next(iter(self._links)))
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.setblocking(False)
            with suppress(OSError):
                made.connect(target)
            self._links[key] = _Link(made, is_datagram=True)
        with suppress(OSError):
            self._links[key].socket.send(data)

    def _flush(self, key: Key, link: _Link) -> None:
        if link.is_connecting:
            return
        try:
            if link.output:
                del link.output[: link.socket.send(link.output)]
            if link.device_has_ended and not link.output:
                link.socket.shutdown(socket.SHUT_WR)
                link.device_has_ended = False
        except BlockingIOError:
            return
        except OSError:
            self._break(key)

    # ---- the host's side -----------------------------------------------------------------------------

    @property
    def descriptors(self) -> Sequence[int]:
        """See `Attendant`: what is not read now is not waited for."""
        links = [link.socket for key, link in self._links.items() if self._takes_more(key, link)]
        return [each.fileno() for each in (*(listener for listener, _ in self._listeners), *links)]

    def _takes_more(self, key: Key, link: _Link) -> bool:
        """Whether the device can be given more of what the host sends."""
        if link.is_connecting or link.host_has_ended:
            return False
        return link.is_datagram or self._wifi.waiting_bytes(key) < WAITING_BYTES

    def attend(self) -> None:
        """Exchange what there is; never waits."""
        for listener, forward in self._listeners:
            with suppress(OSError):
                while True:
                    accepted, _ = listener.accept()
                    self._connect(accepted, forward)
        for key, link in list(self._links.items()):
            if link.is_connecting:
                self._finish_connecting(key, link)
            elif key in self._links:
                self._flush(key, link)
                self._receive(key, link)

    def _connect(self, accepted: socket.socket, forward: Forward) -> None:
        device, peer = next(iter(self._wifi.peers), (b"", b""))
        if not device or len(self._links) >= MOST_SOCKETS:  # it has no address yet
            accepted.close()
            return
        accepted.setblocking(False)
        key = device, forward.device_port, peer, self._next_port
        self._next_port = _FIRST_PORT + (self._next_port + 1 - _FIRST_PORT) % (0x1_0000 - _FIRST_PORT)
        self._links[key] = _Link(accepted)
        self._wifi.act("connect", key)

    def _finish_connecting(self, key: Key, link: _Link) -> None:
        _, writable, failed = select.select([], [link.socket], [link.socket], 0)
        if not writable and not failed:
            return
        if link.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._drop(key)
            self._wifi.act("refuse", key)
            return
        link.is_connecting = False
        self._wifi.act("accept", key)

    def _receive(self, key: Key, link: _Link) -> None:
        if not self._takes_more(key, link):
            return
        try:
            data = link.socket.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._break(key)
            return
        if link.is_datagram:
            self._wifi.act("send_datagram", key, data)
        elif data:
            self._wifi.act("send", key, data)
        else:
            link.host_has_ended = True
            self._wifi.act("close", key)

    def _break(self, key: Key) -> None:
        is_datagram = self._links[key].is_datagram
        self._drop(key)
        if not is_datagram:
            self._wifi.act("reset", key)

    def _drop(self, key: Key) -> None:
        if (link := self._links.pop(key, None)) is not None:
            link.socket.close()

    def close(self) -> None:
        """Let all sockets go."""
        for key in list(self._links):
            self._drop(key)
        for listener, _ in self._listeners:
            listener.close()


def _address_of(one: Allowed) -> str:
    if one.is_loopback:
        return LOOPBACK
    try:
        return socket.gethostbyname(one.host)
    except (OSError, UnicodeError) as error:
        raise HostError(f"--wifi-allow: {one.host} has no address: {error}") from error
