"""A web server for files and made-up answers, in virtual time; with the faults that real ones have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from emu.network.agenda import MS, SECOND, Agenda
from emu.network.http_answer import HttpAnswer
from emu.network.internet.connection import Connection, Key
from emu.network.internet.tcp import Tcp

NAME: Final = "http"
_Sites = dict[tuple[bytes, int], dict[str, dict[str, Any]]]
"""Answers as plain data, by their paths, at an address and port."""
_PACE_NS: Final = 20 * MS
_MOST_HEADER_BYTES: Final = 16 * 1024
_MOST_BODY_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a device has asked a server for."""

    time_ns: int
    host: str
    """As in its Host header."""
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class HttpServers:
    """All web servers: the service `http` of TCP. One request a connection."""

    def __init__(self, tcp: Tcp, agenda: Agenda) -> None:
        self.requests: list[HttpRequest] = []
        self._sites: _Sites = {}
        self._tcp = tcp
        self._agenda = agenda
        self._at_turn = agenda.handler("http.turn", self._go_on)
        tcp.services[NAME] = self

    def serve(self, address: bytes, port: int, answers: Mapping[str, dict[str, Any]]) -> None:
        """Have these paths there, each an `HttpAnswer` as plain data; other paths stay as they are."""
        self._sites.setdefault((address, port), {}).update(answers)

    def is_at(self, address: bytes, port: int) -> bool:
        """Whether there is a server."""
        return (address, port) in self._sites

    # ---- Service -----------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Wait for the request."""
        connection.memory.update(request=b"", begun=False)

    def received(self, connection: Connection, data: bytes) -> None:
        """Collect the request, and answer it when it is whole."""
        memory = connection.memory
        if memory["begun"]:
            return
        memory["request"] += data
        head, is_whole, body = memory["request"].partition(b"\r\n\r\n")
        if len(head) > _MOST_HEADER_BYTES or len(body) > _MOST_BODY_BYTES:
            self._tcp.reset(connection)
            return
        request = self._parse(head, body) if is_whole else None
        if request is not None and len(body) >= _length(request.headers):
            memory["begun"] = True
            memory["request"] = b""
            self.requests.append(request)
            self._begin(connection, request)

    def drained(self, connection: Connection) -> None:
        """All that was to come has arrived: the time for a reset, if there is to be one."""
        if connection.memory.get("resets") and not connection.memory["left"]:
            self._tcp.reset(connection)

    def ended(self, connection: Connection) -> None:
        """The device has half-closed: what it has asked for still comes."""
        if not connection.memory.get("begun"):
            self._tcp.close(connection)

    def vanished(self, connection: Connection) -> None:
        """Nothing is kept of it."""

    # ---- answering ---------------------------------------------------------------------------------

    def _parse(self, head: bytes, body: bytes) -> HttpRequest:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        path = rest.rpartition(" ")[0] or rest
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        return HttpRequest(self._agenda.now_ns, headers.get("host", ""), method, path, headers, body)

    def _begin(self, connection: Connection, request: HttpRequest) -> None:
        site = self._sites[connection.key[2], connection.key[3]]
        path = request.path.partition("?")[0]
        answer = site.get(path, site.get("*"))
        plain = HttpAnswer(f"no {path} here\n".encode(), 404).plain() if answer is None else answer
        status, body, more = _part_of(plain, request.headers.get("range", ""))
        claimed = len(body) if plain["claimed_bytes"] is None else plain["claimed_bytes"]
        reason = next((each.phrase for each in HTTPStatus if each == status), "Unknown")
        headers = {"Content-Length": str(claimed), "Connection": "close", **more, **plain["headers"]}
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
        if request.method == "HEAD":
            body = b""
        cut = plain["reset_after_bytes"]
        connection.memory.update(
            head="\r\n".join([*lines, "", ""]).encode("latin-1", "replace"),
            left=body if cut is None else body[:cut],
            resets=cut is not None and cut < len(body),
            pace=plain["bytes_per_second"],
        )
        self._at_turn(int(plain["delay_s"] * SECOND), connection.key)

    def _go_on(self, key: Key) -> None:
        """Send the next part of an answer, or all of it."""
        connection = self._tcp.connections.get(key)
        if connection is None or "left" not in connection.memory:
            return
        memory = connection.memory
        left, pace, head = memory["left"], memory["pace"], memory.pop("head", b"")
        size = len(left) if pace is None else max(1, pace * _PACE_NS // SECOND)
        memory["left"] = left[size:]
        if head or left:
            self._tcp.send(connection, head + left[:size])
        if memory["left"]:
            self._at_turn(_PACE_NS, key)
        elif not memory["resets"]:
            self._tcp.close(connection)

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        requests = [asdict(request) for request in self.requests]
        return {"sites": _copied(self._sites), "requests": requests}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._sites = _copied(snapshot["sites"])
        self.requests[:] = [HttpRequest(**each) for each in snapshot["requests"]]


def _copied(sites: _Sites) -> _Sites:
    return {place: dict(site) for place, site in sites.items()}


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _part_of(answer: Mapping[str, Any], wanted: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of an answer, or of the part that a Range header wants of it."""
    status, body = answer["status"], answer["body"]
    unit, _, bounds = wanted.partition("=")
    first, dash, last = bounds.partition("-")
    if status != 200 or unit != "bytes" or not dash or not first.isdigit() or (last and not last.isdigit()):
        return status, body, {}
    start, end = int(first), min(int(last) + 1 if last else len(body), len(body))
    if start >= end:
        return 416, b"", {"Content-Range": f"bytes */{len(body)}"}
    return 206, body[start:end], {"Content-Range": f"bytes {start}-{end - 1}/{len(body)}"}
