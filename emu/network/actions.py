"""`Actions`: what can be done to a network, before a machine is in it and while it runs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final

from emu.network.access_point import SIGNALS_DBM
from emu.network.errors import NetworkError
from emu.network.formats.addresses import parse_ip
from emu.network.http_answer import HttpAnswer

GATEWAY: Final = "10.0.2.2"
Answer = Callable[[bytes], bytes | None]
"""Gets what the device has sent; what it returns is sent back."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LONGEST_NAME: Final = 253
_DNS_FAILURES: Final = {"no such name": 3, "server failure": 2, "no answer": -1}


class Actions(ABC):
    """Names, servers and faults. Subclasses say what becomes of an action: a name and plain data."""

    @abstractmethod
    def _act(self, name: str, *arguments: Any) -> None:
        """Do it, or have it done."""

    @abstractmethod
    def _answer_by(self, protocol: str, host: str, port: int, answer: Answer) -> None:
        """Have this function answer."""

    # ---- servers -----------------------------------------------------------------------------------

    def add_host(self, name: str, address: str | None = None) -> None:
        """Have the DNS know a name; without an address (10.0.2.2 is the gateway) it gets one of its own."""
        self._act("add_host", _checked_name(name), None if address is None else _checked_ip(address))

    def serve_http(
        self, answers: Mapping[str, bytes | str | HttpAnswer], host: str = GATEWAY, port: int = 80
    ) -> None:
        """Serve these paths by HTTP; `*` is for all others. Every server has a name or address, and a port.

        It is there in virtual time: equal runs get equal bytes at equal moments.
        """
        plain = {}
        for path, answer in answers.items():
            if not path.startswith(("/", "*")):
                raise NetworkError(f"serve_http: the path {path!r} does not begin with /")
            whole = answer if isinstance(answer, HttpAnswer) else HttpAnswer(_bytes_of(answer))
            plain[path] = whole.plain()
        self._act("serve_http", _checked_name(host), _checked_port(port), plain)

    def serve_mqtt(
        self, host: str = GATEWAY, port: int = 1883, accounts: Mapping[str, str] | None = None
    ) -> None:
        """Have the MQTT broker there, in virtual time; `accounts`: passwords of the users that may come."""
        self._act("serve_mqtt", _checked_name(host), _checked_port(port), dict(accounts or {}))

    def publish_mqtt(
        self, topic: str, payload: bytes | str, qos: int = 0, *, is_retained: bool = False
    ) -> None:
        """Have the broker send a message to all who want its topic; retained: also to those to come."""
        if not topic or set(topic) & set("+#\0") or len(topic.encode()) > 0xFFFF:
            raise NetworkError(f"topic: {topic!r} is none to publish to")
        if qos not in range(3):
            raise NetworkError(f"qos: {qos} is none of 0 to 2")
        self._act("publish_mqtt", topic, _bytes_of(payload), qos, is_retained)

    def serve_tcp(self, port: int, answer: Answer, host: str = GATEWAY) -> None:
        """Let a function answer what comes on a TCP port, as it comes.

        Its answers are inputs of a recording: a replay has them without the function.
        """
        self._answer_by("tcp", _checked_name(host), _checked_port(port), answer)
        self._act("listen", "tcp", host, port)

    def serve_udp(self, port: int, answer: Answer, host: str = GATEWAY) -> None:
        """Let a function answer the datagrams to a UDP port; the same holds for them."""
        self._answer_by("udp", _checked_name(host), _checked_port(port), answer)
        self._act("listen", "udp", host, port)

    # ---- faults ------------------------------------------------------------------------------------

    def switch_off(self, ssid: str | None = None) -> None:
        """Take an access point off the air, by its name or BSSID; None: all of them."""
        self._act("switch", ssid, False)

    def switch_on(self, ssid: str | None = None) -> None:
        """Let it come back; whoever was with it has to join again."""
        self._act("switch", ssid, True)

    def deauthenticate(self, ssid: str | None = None, reason: int = 1) -> None:
        """Have an access point throw its stations out, with a reason code of IEEE 802.11 (1: unspecified)."""
        if reason not in range(1 << 16):
            raise NetworkError(f"reason: {reason} does not fit into 16 bits")
        self._act("deauthenticate", ssid, reason)

    def renew_group_key(self, ssid: str | None = None) -> None:
        """Have an access point give its stations a new group key, as they do every hour or day."""
        self._act("renew_group_key", ssid)

    def set_signal(self, signal_dbm: int, ssid: str | None = None) -> None:
        """Let an access point be as strong as that, -100 to 0 dBm, where the device is."""
        if signal_dbm not in SIGNALS_DBM:
            raise NetworkError(f"signal_dbm: {signal_dbm} is none of -100 to 0")
        self._act("set_signal", ssid, signal_dbm)

    def lose_packets(self, share: float, seed: int = 0) -> None:
        """Lose this share of all packets between access points and router, 0 to 1; the seed says which."""
        if not 0 <= share <= 1:
            raise NetworkError(f"share: {share} is not 0 to 1")
        self._act("lose_packets", float(share), seed)

    def delay_packets(self, delay_s: float) -> None:
        """Let packets take so long between access points and router, each way, in virtual seconds."""
        if not 0 <= delay_s <= 60:
            raise NetworkError(f"delay_s: {delay_s} is not 0 to 60")
        self._act("delay_packets", round(delay_s * 1e9))

    def fail_dns(self, name: str = "*", how: str = "no such name") -> None:
        """Let the DNS not resolve a name, or any: `no such name`, `server failure` or `no answer`."""
        if how not in _DNS_FAILURES:
            raise NetworkError(f"how: {how!r} is none of {', '.join(_DNS_FAILURES)}")
        self._act("fail_dns", name.lower(), _DNS_FAILURES[how])

    def mend_dns(self, name: str = "*") -> None:
        """Take such a fault back."""
        self._act("mend_dns", name.lower())

    def reset_connections(self) -> None:
        """Break all TCP connections off, with a reset."""
        self._act("reset_connections")

    def forget_connections(self) -> None:
        """Let the peers of all TCP connections forget them, as when the way to them is cut."""
        self._act("forget_connections")


def _bytes_of(content: bytes | str) -> bytes:
    """Bytes as they are, text as UTF-8; a number would be so many zeros."""
    if isinstance(content, str):
        return content.encode()
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise NetworkError(f"{content!r} is neither bytes nor text")
    return bytes(content)


def _checked_name(name: str) -> str:
    """A name or address of a host, in small letters."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise NetworkError(f"{name!r} is no name of a host")
    return _checked_ip(name) if name.replace(".", "").isdigit() else name.lower()


def _checked_ip(address: str) -> str:
    try:
        parse_ip(address)
    except ValueError:
        raise NetworkError(f"address: {address!r} is no IPv4 address") from None
    return address


def _checked_port(port: int) -> int:
    if port not in range(1, 1 << 16):
        raise NetworkError(f"port: {port} is none of 1 to 65535")
    return port
