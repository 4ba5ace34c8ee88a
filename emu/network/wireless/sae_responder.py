"""`SaeResponder`: the access point's side of SAE, and the keys that stations have got by it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any, Final

from emu.network.formats.dot11 import Authentication
from emu.network.wireless import sae
from emu.network.wireless.sae import Commit, Exchange, Side

ALGORITHM: Final = 3
COMMIT, CONFIRM = 1, 2
_MOST_EXCHANGES: Final = 32
"""How many stations are remembered, those of the latest commits."""
_SUCCESS, _REFUSED, _OUT_OF_SEQUENCE, _CHALLENGE_FAILED, _UNSUPPORTED_GROUP = 0, 1, 14, 15, 77


class SaeResponder:
    """Answers the authentications of one network's stations."""

    def __init__(self, password: str, bssid: bytes) -> None:
        self._password, self._bssid = password, bssid
        self._exchanges: dict[bytes, Exchange] = {}
        """By the addresses of stations: the one that is under way, or the last one that was confirmed."""
        self._count = 0

    def answer(self, station: bytes, request: Authentication) -> Authentication:
        """What to say to a commit or confirm; FormatError for a damaged one."""
        if request.step == COMMIT:
            status, said = self._take_commit(station, Commit.parse(request.rest))
        elif request.step == CONFIRM:
            status, said = self._take_confirm(station, request.rest)
        else:
            status, said = _OUT_OF_SEQUENCE, b""
        return Authentication(ALGORITHM, request.step, status, said)

    def master_key(self, station: bytes, key_ids: tuple[bytes, ...]) -> tuple[bytes, bytes] | None:
        """The master key of a station that has shown that it knows the password, and the key's id.

        `key_ids` are those that it remembers; None: none of them, and so no key, is known here.
        """
        exchange = self._exchanges.get(station)
        if exchange is None or not exchange.is_confirmed:
            return None
        if key_ids and exchange.master_key_id not in key_ids:
            return None
        return exchange.master_key, exchange.master_key_id

    def forget(self) -> None:
        """Forget all keys, as when the power is off."""
        self._exchanges.clear()

    def _take_commit(self, station: bytes, commit: Commit) -> tuple[int, bytes]:
        if commit.group != sae.GROUP:
            return _UNSUPPORTED_GROUP, commit.group.to_bytes(2, "little")
        self._count += 1
        secrets = hashlib.sha512(b"sae %d" % self._count + self._bssid).digest()
        side = Side(self._password, (self._bssid, station), secrets)
        exchange = side.exchange(commit)
        if exchange is None:
            return _REFUSED, b""
        self._exchanges.pop(station, None)
        self._exchanges[station] = exchange
        if len(self._exchanges) > _MOST_EXCHANGES:
            del self._exchanges[next(iter(self._exchanges))]
        return _SUCCESS, side.commit.build()

    def _take_confirm(self, station: bytes, data: bytes) -> tuple[int, bytes]:
        exchange = self._exchanges.get(station)
        if exchange is None:
            return _OUT_OF_SEQUENCE, b""
        if not exchange.is_confirmed_by(data):
            del self._exchanges[station]
            return _CHALLENGE_FAILED, b""
        exchange.is_confirmed = True
        return _SUCCESS, exchange.confirm()

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        exchanges = {station: asdict(each) for station, each in self._exchanges.items()}
        return {"exchanges": exchanges, "count": self._count}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._exchanges = {station: Exchange(**each) for station, each in snapshot["exchanges"].items()}
        self._count = snapshot["count"]
