"""`KeyDistribution`: an access point's handshakes under way, and the renewal of its group key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.network.agenda import MS, SECOND, US, Agenda
from emu.network.formats.addresses import mac_text
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.wireless.authenticator import COMPLETE, GROUP_KEY, KEYS, Authenticator
from emu.network.wireless.station import Station

if TYPE_CHECKING:
    from emu.network.wireless.bss import Bss

_FIRST_NS: Final = 3 * MS
_NEXT_NS: Final = 400 * US
_RETRY_NS: Final = 1 * SECOND
_TRIES: Final = 4
_HANDSHAKE_TIMEOUT, _GROUP_KEY_TIMEOUT = 15, 16
"""Reasons."""


class KeyDistribution:
    """Sends each message until it is answered, or the station is thrown out after the fourth time."""

    def __init__(self, bss: Bss, authenticator: Authenticator, agenda: Agenda, name: str) -> None:
        self._bss = bss
        self._authenticator = authenticator
        self._at_message = agenda.handler(f"{name}.handshake", self._send)

    def begin(self, station: Station) -> None:
        """Begin the handshake that the station has got."""
        if (handshake := station.handshake) is not None:
            self._at_message(_FIRST_NS, station.address, handshake.number, handshake.step)

    def renew_group_key(self) -> None:
        """Give all who have joined a new group key; with nobody there, it is simply another one."""
        self._authenticator.renew_group_key()
        for station in self._bss.stations.values():
            if station.is_open and (handshake := station.handshake) is not None:
                self._authenticator.renew(handshake)
                self._at_message(_NEXT_NS, station.address, handshake.number, handshake.step)
        self.use_new_group_key()

    def use_new_group_key(self) -> None:
        """Cipher with the new group key as soon as nobody is without it."""
        stations = self._bss.stations.values()
        if not any(station.handshake and station.handshake.step == GROUP_KEY for station in stations):
            self._authenticator.use_new_group_key()

    def _send(self, address: bytes, number: int, step: int) -> None:
        """Send the message that is due, again each second, unless a later one or another handshake is on."""
        station, bss = self._bss.stations.get(address), self._bss
        if station is None or station.handshake is None or not bss.is_on:
            return
        handshake = station.handshake
        if (number, step) != (handshake.number, handshake.step):
            return
        if handshake.tries >= _TRIES:
            guess = "" if step == GROUP_KEY else ": wrong password?"
            bss.say(f"{mac_text(address)} does not answer the handshake of {bss.ap.ssid}{guess}")
            bss.dismiss(address, _GROUP_KEY_TIMEOUT if step == GROUP_KEY else _HANDSHAKE_TIMEOUT)
            return
        packet = self._authenticator.message(handshake)
        bss.send(Ethernet(address, bss.bssid, EtherType.EAPOL, packet))
        self._at_message(_RETRY_NS, address, number, step)

    def take(self, station: Station, packet: bytes) -> None:
        """Take a message of a station."""
        handshake, bss = station.handshake, self._bss
        if handshake is None or not self._authenticator.take(handshake, station.address, packet):
            return
        if handshake.step == KEYS:
            self._at_message(_NEXT_NS, station.address, handshake.number, KEYS)
        elif handshake.step == COMPLETE and station.is_open:
            bss.say(f"{mac_text(station.address)} has the new group key of {bss.ap.ssid}")
            self.use_new_group_key()
        else:
            station.is_open = True
            bss.say(f"{mac_text(station.address)} has joined {bss.ap.ssid}")
