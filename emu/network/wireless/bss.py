"""`Bss`: an access point at work, and the stations that are with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

from emu.network.access_point import AccessPoint
from emu.network.agenda import MS, SECOND, US, Agenda
from emu.network.formats import dot11
from emu.network.formats.addresses import BROADCAST, is_group, mac_text
from emu.network.formats.dot11 import AssociationRequest, Authentication, Element, Frame, Kind
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.wireless import elements
from emu.network.wireless.admission import CHALLENGE_FAILED, REFUSED, SUCCESS, Admission
from emu.network.wireless.ciphers import ciphered, plain_body
from emu.network.wireless.key_distribution import KeyDistribution
from emu.network.wireless.station import Station

_ANSWER_NS: Final = 400 * US
_FRAME_NS: Final = 150 * US
_RETRY_NS: Final = 1 * MS
_TRIES: Final = 30
_PATIENCE_NS: Final = 1 * SECOND
"""How long a farewell waits for a station that sleeps."""
_BEACON_NS: Final = elements.BEACON_INTERVAL_TU * 1024 * US
_MOST_STATIONS: Final = 7
_NOT_AUTHENTICATED, _NOT_ASSOCIATED = 6, 7
_ROBUST: Final = (Kind.DEAUTHENTICATION, Kind.DISASSOCIATION, Kind.ACTION)
"""Management frames that can be protected."""
_SA_QUERY, _REQUEST, _RESPONSE = 8, 0, 1


class Bss:
    """Beacons, answers, and passes data on between the air and `on_ethernet`.

    `transmit` puts a frame on the air, and tells whether a station acknowledged it. `say` is told in a line
    what happens.
    """

    def __init__(
        self, ap: AccessPoint, number: int, agenda: Agenda, transmit: Callable[[Bss, bytes], bool]
    ) -> None:
        self.ap = ap
        self.bssid = ap.mac(number)
        self.on_ethernet: Callable[[Bss, Ethernet], None] = lambda bss, frame: None
        self.on_association: Callable[[Bss, bytes], None] = lambda bss, address: None
        """Told of each station that is associated with it from now on."""
        self.say: Callable[[str], None] = lambda text: None
        self.is_on = True
        self.signal_dbm = ap.signal_dbm
        self.stations: dict[bytes, Station] = {}
        self._agenda = agenda
        self._transmit = transmit
        self._sequence = 0
        self._group_frames: list[bytes] = []
        self._admission = Admission(ap, self.bssid)
        self._authenticator = self._admission.authenticator
        self._keys: KeyDistribution | None = None
        if self._authenticator is not None:
            self._keys = KeyDistribution(self, self._authenticator, agenda, f"bss{number}")
        self._at_beacon = agenda.handler(f"bss{number}.beacon", self._beacon)
        self._at_response = agenda.handler(f"bss{number}.response", self._respond)
        self._at_removal = agenda.handler(f"bss{number}.removal", self._remove)
        self._at_turn = agenda.handler(f"bss{number}.turn", self._send_next)
        self._at_beacon(number * 7 * MS)

    # ---- from the air ------------------------------------------------------------------------------

    def hear(self, data: bytes) -> bool:
        """Take a frame that a station has sent; whether it is acknowledged. FormatError for a damaged one."""
        frame = Frame.parse(data)
        is_for_us = frame.receiver == self.bssid
        if frame.kind == Kind.PROBE_REQUEST:
            self._probed(frame)
        elif not is_for_us:
            return False
        elif frame.kind == Kind.AUTHENTICATION:
            self._authenticate(frame)
        elif frame.kind in (Kind.ASSOCIATION_REQUEST, Kind.REASSOCIATION_REQUEST):
            self._associate(frame)
        elif frame.kind in (Kind.DEAUTHENTICATION, Kind.DISASSOCIATION):
            self._left(frame, data)
        elif frame.kind == Kind.ACTION:
            self._asked(frame, data)
        elif frame.kind == Kind.PS_POLL:
            self._polled(frame.transmitter)
        elif frame.is_data:
            self._data(frame, data)
        return is_for_us

    def _probed(self, frame: Frame) -> None:
        wanted = dot11.parse_elements(frame.body).get(Element.SSID, b"")
        if wanted == self.ap.ssid.encode() or (not wanted and not self.ap.is_hidden):
            body = self._announcement(None)
            self._at_response(_ANSWER_NS, self._management(Kind.PROBE_RESPONSE, frame.transmitter, body), 3)

    def _authenticate(self, frame: Frame) -> None:
        address, request = frame.transmitter, Authentication.parse(frame.body)
        answer = self._admission.answer(address, request)
        if answer.status == SUCCESS and answer.is_last:
            if len(self.stations) >= _MOST_STATIONS and address not in self.stations:
                answer = replace(answer, status=REFUSED)
            else:
                self.stations[address] = Station(address)
        elif answer.status == CHALLENGE_FAILED:
            self.say(f"{mac_text(address)} does not know the password of {self.ap.ssid}")
        self._at_response(_ANSWER_NS, self._management(Kind.AUTHENTICATION, address, answer.build()), 8)

    def _associate(self, frame: Frame) -> None:
        is_again = frame.kind == Kind.REASSOCIATION_REQUEST
        request = AssociationRequest.parse(frame.body, is_again=is_again)
        station = self.stations.get(frame.transmitter)
        if station is None or station.is_leaving:
            self.dismiss(frame.transmitter, _NOT_AUTHENTICATED)
            return
        status = self._admission.begin(station, request.elements.get(Element.RSN))
        if status == SUCCESS:
            station.association = station.association or self._free_association()
            station.has_qos = self.ap.has_ht and Element.HT_CAPABILITIES in request.elements
            self.say(f"{mac_text(frame.transmitter)} is associated with {self.ap.ssid}")
            self.on_association(self, frame.transmitter)
        body = elements.capabilities(self.ap).to_bytes(2, "little") + status.to_bytes(2, "little")
        body += (0xC000 | station.association).to_bytes(2, "little") + elements.granted(self.ap)
        kind = Kind.REASSOCIATION_RESPONSE if is_again else Kind.ASSOCIATION_RESPONSE
        self._at_response(_ANSWER_NS, self._management(kind, frame.transmitter, body), 8)
        if self._keys is not None:
            self._keys.begin(station)

    def _left(self, frame: Frame, data: bytes) -> None:
        station = self.stations.get(frame.transmitter)
        if station is not None and plain_body(station, frame, data) is not None:
            self.forget(frame.transmitter)
            self.say(f"{mac_text(frame.transmitter)} has left {self.ap.ssid}")

    def _asked(self, frame: Frame, data: bytes) -> None:
        """Tell a station that asks whether it is still with us (SA query) that it is."""
        station = self.stations.get(frame.transmitter)
        body = None if station is None else plain_body(station, frame, data)
        if body is not None and body[:2] == bytes((_SA_QUERY, _REQUEST)):
            answer = bytes((_SA_QUERY, _RESPONSE)) + body[2:4]
            self._at_response(_ANSWER_NS, self._management(Kind.ACTION, frame.transmitter, answer), 8)

    def _free_association(self) -> int:
        taken = {station.association for station in self.stations.values()}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def _data(self, frame: Frame, data: bytes) -> None:
        station = self.stations.get(frame.transmitter)
        if station is None or not station.association:
            self.dismiss(frame.transmitter, _NOT_ASSOCIATED)
            return
        self._note_power(station, is_dozing=bool(frame.flags & dot11.POWER_SAVE))
        if not frame.has_payload:
            return
        body = plain_body(station, frame, data)
        if body is None:
            return
        ethernet = Ethernet.from_air(frame.third, frame.transmitter, body)
        if ethernet.type == EtherType.EAPOL:
            if self._keys is not None:
                self._keys.take(station, ethernet.payload)
        elif station.is_open and (station.handshake is None or frame.flags & dot11.PROTECTED):
            self.on_ethernet(self, ethernet)

    # ---- power save --------------------------------------------------------------------------------

    def _note_power(self, station: Station, *, is_dozing: bool) -> None:
        if station.is_dozing and not is_dozing:
            station.is_dozing = False
            self._wake_queue(station)
        station.is_dozing = is_dozing

    def _polled(self, address: bytes) -> None:
        station = self.stations.get(address)
        if station is not None and station.queue:
            station.is_polled = True
            self._wake_queue(station)

    def _wake_queue(self, station: Station) -> None:
        if station.queue and not station.is_sending:
            station.is_sending = True
            self._at_turn(_FRAME_NS, station.address)

    # ---- to the air --------------------------------------------------------------------------------

    def send(self, ethernet: Ethernet) -> None:
        """Send it to the station that it is for, or to all; kept while a station sleeps."""
        if is_group(ethernet.destination):
            self._group_frames.append(self._data_frame(ethernet, has_qos=False))
            if not any(station.is_dozing for station in self.stations.values()):
                self._send_group_frames()
            return
        station = self.stations.get(ethernet.destination)
        if station is None or not station.association:
            return
        if not station.is_open and ethernet.type != EtherType.EAPOL:
            return
        if station.push(self._data_frame(ethernet, has_qos=station.has_qos)) and not station.is_dozing:
            self._wake_queue(station)

    def renew_group_key(self) -> None:
        """Give all stations a new group key; an open network has none."""
        if self._keys is not None:
            self._keys.renew_group_key()

    def deauthenticate(self, reason: int = 1) -> None:
        """Throw all stations out."""
        for address in list(self.stations):
            self.dismiss(address, reason)

    def switch(self, *, is_on: bool) -> None:
        """Go off the air, or come back; off, it forgets its stations."""
        self.is_on = is_on
        self.stations.clear()
        self._admission.forget()
        self._group_frames.clear()

    def _data_frame(self, ethernet: Ethernet, *, has_qos: bool) -> bytes:
        self._sequence += 1
        kind = Kind.QOS_DATA if has_qos else Kind.DATA
        ends = ethernet.destination, self.bssid, ethernet.source
        return Frame(kind, *ends, ethernet.for_air, dot11.FROM_DS, self._sequence).build()

    def _management(self, kind: Kind, receiver: bytes, body: bytes) -> bytes:
        self._sequence += 1
        frame = Frame(kind, receiver, self.bssid, self.bssid, body, 0, self._sequence).build()
        station = self.stations.get(receiver)
        if station is None or kind not in _ROBUST or not station.protects_management:
            return frame
        return ciphered(frame, station, self._authenticator)

    def _announcement(self, traffic_map: bytes | None) -> bytes:
        time_us = self._agenda.now_ns // US
        fixed = time_us.to_bytes(8, "little") + elements.BEACON_INTERVAL_TU.to_bytes(2, "little")
        fixed += elements.capabilities(self.ap).to_bytes(2, "little")
        return fixed + elements.announced(self.ap, traffic_map)

    def _beacon(self) -> None:
        self._at_beacon(_BEACON_NS)
        if not self.is_on:
            return
        waiting = [each.association for each in self.stations.values() if each.is_dozing and each.queue]
        shown = elements.traffic_map(waiting, has_group_frames=bool(self._group_frames))
        self._transmit(self, self._management(Kind.BEACON, BROADCAST, self._announcement(shown)))
        self._send_group_frames()

    def _send_group_frames(self) -> None:
        frames, self._group_frames = self._group_frames, []
        for frame in frames:
            self._transmit(self, ciphered(frame, None, self._authenticator))

    def _respond(self, frame: bytes, tries: int) -> None:
        if self.is_on and not self._transmit(self, frame) and tries > 1:
            self._at_response(_RETRY_NS, frame, tries - 1)

    def _send_next(self, address: bytes) -> None:
        """Send the first frame of a station's queue; again if nobody acknowledges it."""
        station = self.stations.get(address)
        if station is None:
            return
        if not station.queue or (station.is_dozing and not station.is_polled):
            station.is_sending = False
            return
        frame = station.queue[0]
        if station.is_dozing and len(station.queue) > 1:
            frame = frame[:1] + bytes((frame[1] | dot11.MORE_DATA,)) + frame[2:]
        station.tries += 1
        is_heard = self._transmit(self, ciphered(frame, station, self._authenticator))
        if is_heard or station.tries >= _TRIES:
            station.queue.pop(0)
            station.tries, station.is_polled = 0, False
            self._remove(address)
        self._at_turn(_FRAME_NS if is_heard else _RETRY_NS, address)

    def dismiss(self, address: bytes, reason: int) -> None:
        """Throw a station out, with a reason of IEEE 802.11."""
        farewell = self._management(Kind.DEAUTHENTICATION, address, reason.to_bytes(2, "little"))
        station = self.stations.get(address)
        if station is not None and station.is_dozing:
            station.leave(farewell)
            self._at_removal(_PATIENCE_NS, address)
        else:
            self.stations.pop(address, None)
            self._at_response(_ANSWER_NS, farewell, 8)
        if self._keys is not None:
            self._keys.use_new_group_key()

    def _remove(self, address: bytes) -> None:
        """Forget a station that has been thrown out."""
        if (station := self.stations.get(address)) is not None and station.is_leaving:
            self.forget(address)

    def forget(self, address: bytes) -> None:
        """Know a station no more, if it was known: it has left, or is with another access point."""
        if self.stations.pop(address, None) is not None and self._keys is not None:
            self._keys.use_new_group_key()

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return {
            "is_on": self.is_on,
            "signal_dbm": self.signal_dbm,
            "sequence": self._sequence,
            "group_frames": list(self._group_frames),
            "admission": self._admission.save(),
            "stations": [asdict(station) for station in self.stations.values()],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self.is_on, self.signal_dbm = snapshot["is_on"], snapshot["signal_dbm"]
        self._sequence = snapshot["sequence"]
        self._group_frames = list(snapshot["group_frames"])
        self._admission.restore(snapshot["admission"])
        stations = map(Station.of, snapshot["stations"])
        self.stations = {station.address: station for station in stations}
