"""The hosts of the virtual network: their names and addresses."""

from __future__ import annotations

from typing import Any, Final

from emu.network.formats.addresses import parse_ip
from emu.network.formats.dns import Status

GATEWAY: Final = parse_ip("10.0.2.2")
NETMASK: Final = parse_ip("255.255.255.0")
BROADCAST: Final = parse_ip("10.0.2.255")
EVERYBODY: Final = parse_ip("255.255.255.255")
_FIRST_DEVICE: Final = 15
_LAST_DEVICE: Final = 250
_FIRST_SERVER: Final = int.from_bytes(parse_ip("198.18.0.1"), "big")
"""The range of RFC 2544: nobody has one of them in earnest."""


class Hosts:
    """Names and addresses of servers, and the addresses that devices have been given."""

    def __init__(self) -> None:
        self.names: dict[str, bytes] = {"gateway": GATEWAY}
        self.failing: dict[str, int] = {}
        """Names that are not resolved, and how: a `Status`, or -1: without an answer."""
        self.leases: dict[bytes, bytes] = {}
        """IP addresses of devices by their MAC addresses."""
        self._servers = 0

    def add(self, name: str, address: bytes | None = None) -> bytes:
        """Let a name have an address, or one of its own; the same as before, if it has one."""
        key = name.lower()
        if address is not None:
            self.names[key] = address
        elif key not in self.names:
            self.names[key] = (_FIRST_SERVER + self._servers).to_bytes(4, "big")
            self._servers += 1
        return self.names[key]

    def resolve(self, name: str) -> tuple[Status | None, bytes | None]:
        """How a question for a name is answered; None: not at all."""
        failure = self.failing.get(name, self.failing.get("*"))
        if failure is not None:
            return (Status(failure) if failure >= 0 else None), None
        address = self.names.get(name)
        return (Status.FOUND if address else Status.NO_SUCH_NAME), address

    def lease(self, mac: bytes) -> bytes | None:
        """The address for a device: always the same; None: there are no more."""
        if mac not in self.leases:
            number = _FIRST_DEVICE + len(self.leases)
            if number > _LAST_DEVICE:
                return None
            self.leases[mac] = GATEWAY[:3] + bytes((number,))
        return self.leases[mac]

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        names, failing, leases = dict(self.names), dict(self.failing), dict(self.leases)
        return {"names": names, "failing": failing, "leases": leases, "servers": self._servers}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self.names, self.failing = dict(snapshot["names"]), dict(snapshot["failing"])
        self.leases, self._servers = dict(snapshot["leases"]), snapshot["servers"]
