"""The peer of the device's TCP connections (RFC 9293): what servers, and clients of the device, stand on."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict
from typing import Any, Final

from emu.network.agenda import MS, Agenda
from emu.network.formats.ipv4 import Ipv4
from emu.network.formats.tcp import ACK, FIN, PSH, RST, SYN, Segment
from emu.network.internet.connection import (
    LEAST_SEGMENT_BYTES,
    MASK,
    OPEN,
    OPENING,
    RETRY_NS,
    WAITING,
    Connection,
    Key,
    Service,
)

_WINDOW: Final = 0xFFFF
_SEGMENT_BYTES: Final = 1460
_LONGEST_RETRY_NS: Final = 8_000 * MS
_TRIES: Final = 8
_LINGER_NS: Final = 60_000 * MS
_FIRST_SEQUENCE: Final = 0x0010_0000


class Tcp:
    """All connections; `services` by name, `service_of` finds the one for an address and port."""

    def __init__(self, agenda: Agenda, send: Callable[[Ipv4], None]) -> None:
        self.services: dict[str, Service] = {}
        self.service_of: Callable[[bytes, int], str | None] = lambda address, port: None
        self.waits_for: Callable[[Connection], bool] = lambda connection: False
        """Whether somebody else decides to accept a connection, who will call `accept` or `refuse`."""
        self.connections: dict[Key, Connection] = {}
        self._agenda = agenda
        self._send_packet = send
        self._at_linger = agenda.handler("tcp.linger", self._linger)
        self._at_timer = agenda.handler("tcp.timer", self._time_is_up)
        self._numbers = 0

    # ---- for services ------------------------------------------------------------------------------

    def send(self, connection: Connection, data: bytes) -> None:
        """Send data when the device takes them."""
        connection.output = connection.output[connection.output_at :] + data
        connection.output_at = 0
        self._push(connection)

    def close(self, connection: Connection) -> None:
        """Send no more."""
        connection.has_ended = True
        self._push(connection)

    def reset(self, connection: Connection) -> None:
        """Break it off."""
        self._reply(connection, RST | ACK)
        self._forget(connection)

    def connect(self, key: Key, service: str) -> Connection:
        """Connect to the device; the service is told when it is open, or that it has vanished."""
        connection = self._new(key, service, OPENING)
        self._reply(connection, SYN, segment_bytes=_SEGMENT_BYTES)
        connection.sent += 1
        self._start_timer(connection)
        return connection

    def accept(self, key: Key) -> None:
        """Accept a connection that waits; harmless if it does not."""
        connection = self.connections.get(key)
        if connection is not None and connection.phase == WAITING:
            connection.phase = OPENING
            self._reply(connection, SYN | ACK, segment_bytes=_SEGMENT_BYTES)
            connection.sent += 1
            self._start_timer(connection)

    def refuse(self, key: Key) -> None:
        """Refuse a connection that waits; harmless if it does not."""
        connection = self.connections.get(key)
        if connection is not None and connection.phase == WAITING:
            self.reset(connection)

    # ---- from the device ---------------------------------------------------------------------------

    def receive(self, packet: Ipv4) -> None:
        """Take a segment of the device; FormatError for a damaged one."""
        segment = Segment.parse(packet)
        key = packet.source, segment.source_port, packet.destination, segment.destination_port
        connection = self.connections.get(key)
        if connection is None:
            self._begin(key, segment)
        elif segment.flags & RST:
            if segment.sequence == connection.expected or connection.phase != OPEN:
                self._forget(connection)
        elif segment.flags & SYN:
            self._repeated_syn(connection, segment)
        else:
            self._take(connection, segment)

    def _begin(self, key: Key, segment: Segment) -> None:
        service = self.service_of(key[2], key[3])
        if segment.flags & RST:
            return
        if service is None or segment.flags & (SYN | ACK) != SYN:
            self._refuse_unknown(key, segment)
            return
        connection = self._new(key, service, WAITING)
        connection.expected = segment.sequence + 1 & MASK
        connection.window = segment.window
        connection.segment_bytes = min(segment.segment_bytes or LEAST_SEGMENT_BYTES, _SEGMENT_BYTES)
        if not self.waits_for(connection):
            self.accept(key)

    def _refuse_unknown(self, key: Key, segment: Segment) -> None:
        sequence = segment.acknowledgement if segment.flags & ACK else 0
        number = segment.sequence + segment.length & MASK
        answer = Segment(key[3], key[1], sequence, number, RST | ACK, 0)
        self._send_packet(answer.packet(key[2], key[0]))

    def _repeated_syn(self, connection: Connection, segment: Segment) -> None:
        is_ours = segment.flags & ACK and segment.acknowledgement == connection.sent
        if connection.phase == OPENING and is_ours:  # the device accepts
            connection.expected = segment.sequence + 1 & MASK
            connection.segment_bytes = min(segment.segment_bytes or LEAST_SEGMENT_BYTES, _SEGMENT_BYTES)
            self._take(connection, segment)
        elif connection.phase == OPENING and segment.sequence + 1 & MASK == connection.expected:
            self._reply(connection, SYN | ACK, connection.acknowledged, segment_bytes=_SEGMENT_BYTES)
        elif connection.phase == OPEN:
            self._reply(connection, ACK)

    def _take(self, connection: Connection, segment: Segment) -> None:
        if connection.phase == WAITING or not segment.flags & ACK:
            return
        is_new = connection.take_acknowledgement(segment.acknowledgement)
        if is_new:
            connection.progressed_ns = self._agenda.now_ns
            connection.tries, connection.repeated, connection.retry_ns = 0, 0, RETRY_NS
        connection.window = segment.window
        if connection.phase == OPENING:
            if not is_new:
                return
            connection.phase = OPEN
            if segment.flags & SYN:
                self._reply(connection, ACK)
            self.services[connection.service].opened(connection)
        elif is_new and not connection.waiting_bytes and not connection.has_ended:
            self.services[connection.service].drained(connection)
        self._take_data(connection, segment)
        if connection.key not in self.connections:
            return
        if not is_new and not segment.data and segment.acknowledgement == connection.acknowledged:
            self._count_repeated(connection)
        self._push(connection)

    def _take_data(self, connection: Connection, segment: Segment) -> None:
        if connection.key not in self.connections or not (segment.data or segment.flags & FIN):
            return
        late = connection.expected - segment.sequence & MASK  # bytes that have come before
        fits = late <= len(segment.data) and not connection.device_has_ended
        data = segment.data[late:] if fits else b""
        connection.expected = connection.expected + len(data) & MASK
        has_ended = bool(segment.flags & FIN) and fits
        connection.expected = connection.expected + has_ended & MASK
        connection.device_has_ended |= has_ended
        self._reply(connection, ACK)
        service = self.services[connection.service]
        if data:
            service.received(connection, data)
        if has_ended and connection.key in self.connections:
            service.ended(connection)

    def _count_repeated(self, connection: Connection) -> None:
        connection.repeated += 1
        if connection.repeated == 3 and connection.sent != connection.acknowledged:
            self._go_back(connection)

    # ---- to the device -----------------------------------------------------------------------------

    def _push(self, connection: Connection) -> None:
        """Send what the device has room for, and the end behind it."""
        if connection.phase != OPEN:
            return
        while not connection.has_sent_fin:
            in_flight = connection.sent - connection.acknowledged & MASK
            start = connection.output_at + in_flight
            left = len(connection.output) - start
            size = min(connection.window - in_flight, connection.segment_bytes, left)
            if size <= 0 or (size < min(connection.segment_bytes, left) and in_flight):
                break
            data = connection.output[start : start + size]
            self._reply(connection, ACK | PSH, data=data)
            connection.sent = connection.sent + size & MASK
        in_flight = connection.sent - connection.acknowledged & MASK
        is_all_sent = in_flight == connection.waiting_bytes
        if connection.has_ended and is_all_sent and not connection.has_sent_fin:
            self._reply(connection, FIN | ACK)
            connection.sent = connection.sent + 1 & MASK
            connection.has_sent_fin = True
        is_over = connection.has_sent_fin and connection.sent == connection.acknowledged
        if is_over and connection.device_has_ended:
            self._forget(connection)
        elif is_over and not connection.lingers:
            connection.lingers = True
            self._at_linger(_LINGER_NS, connection.key, connection.sent)
        elif connection.sent != connection.acknowledged or connection.waiting_bytes:
            self._start_timer(connection)

    def _go_back(self, connection: Connection) -> None:
        """Send again from what the device has acknowledged on."""
        connection.sent = connection.acknowledged
        connection.has_sent_fin = False
        self._push(connection)

    def _start_timer(self, connection: Connection) -> None:
        if not connection.is_timed:
            connection.is_timed = True
            connection.progressed_ns = self._agenda.now_ns
            self._at_timer(connection.retry_ns, connection.key)

    def _time_is_up(self, key: Key) -> None:
        connection = self.connections.get(key)
        if connection is None:
            return
        connection.is_timed = False
        if connection.sent == connection.acknowledged and not connection.waiting_bytes:
            return
        waited_ns = self._agenda.now_ns - connection.progressed_ns
        if waited_ns < connection.retry_ns:
            connection.is_timed = True
            self._at_timer(connection.retry_ns - waited_ns, key)
            return
        connection.tries += 1
        if connection.tries > _TRIES:
            self.reset(connection)
            return
        connection.retry_ns = min(2 * connection.retry_ns, _LONGEST_RETRY_NS)
        self._send_again(connection)
        self._start_timer(connection)

    def _linger(self, key: Key, sent: int) -> None:
        """Forget a connection that the device leaves half closed; it may have been reset meanwhile."""
        connection = self.connections.get(key)
        if connection is not None and connection.lingers and connection.sent == sent:
            self._forget(connection)

    def _send_again(self, connection: Connection) -> None:
        if connection.phase == OPENING:
            flags = SYN | ACK if connection.expected else SYN
            self._reply(connection, flags, connection.acknowledged, segment_bytes=_SEGMENT_BYTES)
        elif connection.window == 0 and connection.waiting_bytes:
            probe = connection.output[connection.output_at : connection.output_at + 1]
            self._reply(connection, ACK | PSH, connection.acknowledged, data=probe)
            if connection.sent == connection.acknowledged:
                connection.sent = connection.sent + 1 & MASK
        else:
            self._go_back(connection)

    def _reply(
        self,
        connection: Connection,
        flags: int,
        sequence: int | None = None,
        *,
        data: bytes = b"",
        segment_bytes: int | None = None,
    ) -> None:
        device, device_port, peer, port = connection.key
        place = connection.sent if sequence is None else sequence
        ends = place, connection.expected
        segment = Segment(port, device_port, *ends, flags, _WINDOW, data, segment_bytes)
        self._send_packet(segment.packet(peer, device))

    # ---- all of them -------------------------------------------------------------------------------

    def reset_all(self) -> None:
        """Break all connections off."""
        for connection in list(self.connections.values()):
            self.reset(connection)

    def forget_all(self) -> None:
        """Forget all connections, and tell the device nothing."""
        for connection in list(self.connections.values()):
            self._forget(connection)

    def _new(self, key: Key, service: str, phase: str) -> Connection:
        self._numbers += 1
        first = _FIRST_SEQUENCE * self._numbers & MASK
        connection = self.connections[key] = Connection(key, service, phase, first, first, 0)
        return connection

    def _forget(self, connection: Connection) -> None:
        if self.connections.pop(connection.key, None) is not None:
            self.services[connection.service].vanished(connection)

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return {
            "connections": [asdict(connection) for connection in self.connections.values()],
            "numbers": self._numbers,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        trees = snapshot["connections"]
        connections = (Connection(**{**tree, "memory": deepcopy(tree["memory"])}) for tree in trees)
        self.connections = {connection.key: connection for connection in connections}
        self._numbers = snapshot["numbers"]
