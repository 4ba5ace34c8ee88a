"""What of the host the device may reach, and what of the device the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_LOOPBACK_SEEN_AS: Final = "10.0.2.2"


@dataclass(frozen=True, slots=True)
class Forward:
    """A port of the host that leads to one of the device; 0: any that is free."""

    host_port: int
    device_port: int


@dataclass(frozen=True, slots=True)
class Allowed:
    """A host that the device may reach; port 0: all of them. Its own loopback is 10.0.2.2 to the device."""

    host: str
    port: int = 0

    @property
    def is_loopback(self) -> bool:
        """Whether it is this host itself."""
        return self.host in ("localhost", LOOPBACK)

    @property
    def seen_as(self) -> str:
        """What the device calls it."""
        return _LOOPBACK_SEEN_AS if self.is_loopback else self.host


def parse_forward(text: str) -> Forward:
    """`HOSTPORT:DEVICEPORT`; ValueError for something else."""
    host_port, _, device_port = text.partition(":")
    return Forward(0 if host_port == "0" else _port(host_port, text), _port(device_port, text))


def parse_allowed(text: str) -> Allowed:
    """`HOST` or `HOST:PORT`; ValueError for something else."""
    host, colon, port = text.partition(":")
    if not host or not host.isascii() or any(label == "" for label in host.split(".")):
        raise ValueError(f"{text!r} is not HOST or HOST:PORT")
    return Allowed(host.lower(), _port(port, text) if colon else 0)


def _port(port: str, text: str) -> int:
    if not (port.isdecimal() and port.isascii() and len(port) < 6 and 0 < int(port) < 0x1_0000):
        raise ValueError(f"{text!r}: {port!r} is no port from 1 to 65535")
    return int(port)
