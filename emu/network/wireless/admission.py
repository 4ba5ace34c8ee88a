"""`Admission`: whom an access point lets in, by the security that it has."""

from __future__ import annotations

from typing import Any, Final

from emu.network.access_point import AccessPoint
from emu.network.formats import rsn
from emu.network.formats.dot11 import Authentication
from emu.network.formats.errors import FormatError
from emu.network.formats.rsn import Rsn
from emu.network.wireless import elements, sae_responder
from emu.network.wireless.authenticator import Authenticator
from emu.network.wireless.sae_responder import SaeResponder
from emu.network.wireless.station import Station

SUCCESS, REFUSED, CHALLENGE_FAILED = 0, 1, 15
"""Statuses that others ask for, too."""
_WRONG_ALGORITHM, _OUT_OF_SEQUENCE, _WRONG_ELEMENT, _WRONG_GROUP_CIPHER = 13, 14, 40, 41
_WRONG_PAIRWISE_CIPHER, _WRONG_KEY_MANAGEMENT, _NOT_PROTECTED, _UNKNOWN_KEY_ID = 42, 43, 31, 53
_OPEN_SYSTEM: Final = 0


class Admission:
    """Open, PSK or SAE: answers authentications, and begins handshakes. No `authenticator`: open."""

    def __init__(self, ap: AccessPoint, bssid: bytes) -> None:
        self.authenticator: Authenticator | None = None
        self._sae: SaeResponder | None = None
        offer = elements.security(ap)
        if offer is not None and ap.password is not None:
            self.authenticator = Authenticator(ap.ssid.encode(), ap.password, bssid, offer)
            if rsn.SAE in offer.key_managements:
                self._sae = SaeResponder(ap.password, bssid)

    def answer(self, station: bytes, request: Authentication) -> Authentication:
        """What to say to a request for authentication; FormatError for a damaged one."""
        if request.algorithm == sae_responder.ALGORITHM and self._sae is not None:
            return self._sae.answer(station, request)
        status = SUCCESS
        if request.algorithm != _OPEN_SYSTEM:
            status = _WRONG_ALGORITHM
        elif request.step != 1:
            status = _OUT_OF_SEQUENCE
        return Authentication(request.algorithm, 2, status)

    def begin(self, station: Station, element: bytes | None) -> int:
        """Begin a handshake with a station, whose RSN element is this; the status of its association."""
        station.handshake = None
        station.is_open = self.authenticator is None
        if self.authenticator is None:
            return SUCCESS
        try:
            wanted = Rsn.parse(element or b"")
        except FormatError:
            return _WRONG_ELEMENT
        if (status := _refusal(self.authenticator.offer, wanted)) != SUCCESS:
            return status
        key, key_id = self.authenticator.shared_key, b""
        if wanted.key_managements == (rsn.SAE,):
            known = None
            if self._sae is not None:
                known = self._sae.master_key(station.address, wanted.master_key_ids)
            if known is None:
                return _UNKNOWN_KEY_ID
            key, key_id = known
        station.handshake = self.authenticator.begin(key, wanted, key_id)
        return SUCCESS

    def forget(self) -> None:
        """Forget whom it has let in."""
        if self._sae is not None:
            self._sae.forget()

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        parts = {"authenticator": self.authenticator, "sae": self._sae}
        return {name: part and part.save() for name, part in parts.items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        if self.authenticator is not None:
            self.authenticator.restore(snapshot["authenticator"])
        if self._sae is not None:
            self._sae.restore(snapshot["sae"])


def _refusal(offer: Rsn, wanted: Rsn) -> int:
    """Why a station that wants this is not let in; SUCCESS: it is."""
    if wanted.group != offer.group:
        return _WRONG_GROUP_CIPHER
    if wanted.pairwise != offer.pairwise:
        return _WRONG_PAIRWISE_CIPHER
    if len(wanted.key_managements) != 1 or wanted.key_managements[0] not in offer.key_managements:
        return _WRONG_KEY_MANAGEMENT
    needs_protection = offer.capabilities & rsn.REQUIRES_PROTECTION
    return _NOT_PROTECTED if needs_protection and not wanted.can_protect else SUCCESS
