"""Simultaneous authentication of equals, the key exchange of WPA3 (IEEE 802.11-2020, 12.4).

Group 19, the curve P-256; the point of the password is found by hunting and pecking, as the SDK does.
The points are computed by pycryptodome, the extra `crypto`.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emu.network.formats.errors import check
from emu.network.wireless.key_derivation import kdf_sha256

if TYPE_CHECKING:
    from Crypto.PublicKey.ECC import EccPoint

GROUP: Final = 19
_PRIME: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_ROUNDS: Final = 40
_SCALAR_BYTES, _POINT_BYTES = 32, 64
_COMMIT_BYTES: Final = 2 + _SCALAR_BYTES + _POINT_BYTES


@dataclass(frozen=True, slots=True)
class Commit:
    """What each side says first."""

    scalar: bytes
    element: bytes
    """A point: both coordinates, big-endian."""
    group: int = GROUP

    @classmethod
    def parse(cls, data: bytes) -> Commit:
        """Read what follows the status of an authentication; FormatError if it is too short.

        Of another group only the number is read.
        """
        check(len(data) >= 2, f"an SAE commit of {len(data)} bytes")
        group = int.from_bytes(data[:2], "little")
        if group != GROUP:
            return cls(b"", b"", group)
        check(len(data) >= _COMMIT_BYTES, f"an SAE commit of {len(data)} bytes")
        element_at = 2 + _SCALAR_BYTES
        return cls(data[2:element_at], data[element_at:_COMMIT_BYTES])

    def build(self) -> bytes:
        """Write it."""
        return struct.pack("<H", self.group) + self.scalar + self.element


@dataclass(slots=True)
class Exchange:
    """What one side knows when both have committed; plain data."""

    ours: bytes
    """Scalar and element."""
    theirs: bytes
    confirmation_key: bytes
    master_key: bytes
    """The PMK: 32 bytes."""
    master_key_id: bytes
    """The PMKID: 16 bytes."""
    is_confirmed: bool = False
    """Whether the other side has shown that it knows the password."""

    def confirm(self) -> bytes:
        """What shows that we know the password: a counter and a hash."""
        return self._confirm(b"\1\0", self.ours, self.theirs)

    def is_confirmed_by(self, data: bytes) -> bool:
        """Whether their `confirm` is right."""
        return hmac.compare_digest(self._confirm(data[:2], self.theirs, self.ours), data[:34])

    def _confirm(self, counter: bytes, sender: bytes, receiver: bytes) -> bytes:
        return counter + hmac.digest(self.confirmation_key, counter + sender + receiver, "sha256")


class Side:
    """One of the two before they have committed: `secrets` are 64 random bytes of its own."""

    def __init__(self, password: str, addresses: tuple[bytes, bytes], secrets: bytes) -> None:
        self._private = int.from_bytes(secrets[:32], "big") % _ORDER
        mask = int.from_bytes(secrets[32:64], "big") % _ORDER
        self._password_point = password_point(password.encode(), addresses)
        scalar = (self._private + mask) % _ORDER
        self.commit = Commit(scalar.to_bytes(32, "big"), _encoded(-(self._password_point * mask)))

    def exchange(self, theirs: Commit) -> Exchange | None:
        """What follows from their commit; None if that is not acceptable, or our own sent back."""
        scalar = int.from_bytes(theirs.scalar, "big")
        element = _decoded(theirs.element)
        if element is None or not 1 < scalar < _ORDER or theirs == self.commit:
            return None
        shared = (self._password_point * scalar + element) * self._private
        if shared.is_point_at_infinity():
            return None
        seed = hmac.digest(bytes(32), _encoded(shared)[:32], "sha256")
        total = (int.from_bytes(self.commit.scalar, "big") + scalar) % _ORDER
        context = total.to_bytes(32, "big")
        keys = kdf_sha256(seed, b"SAE KCK and PMK", context, 64)
        ours, their_part = self.commit.build()[2:], theirs.build()[2:]
        return Exchange(ours, their_part, keys[:32], keys[32:], context[:16])


def password_point(password: bytes, addresses: tuple[bytes, bytes]) -> EccPoint:
    """The point of a password between two stations (12.4.4.2.2); ValueError, as good as never: none."""
    key = b"".join(sorted(addresses, reverse=True))
    prime = _PRIME.to_bytes(32, "big")
    for counter in range(1, _ROUNDS + 1):
        seed = hmac.digest(key, password + bytes((counter,)), "sha256")
        x = int.from_bytes(kdf_sha256(seed, b"SAE Hunting and Pecking", prime, 32), "big")
        if x < _PRIME and (y := _root(x)) is not None:
            return _point(x, y if y & 1 == seed[-1] & 1 else _PRIME - y)
    raise ValueError(f"no point of P-256 in {_ROUNDS} tries")


def _root(x: int) -> int | None:
    """A y of the curve for this x; None if there is none."""
    square = (x * x * x - 3 * x + _B) % _PRIME
    y = pow(square, (_PRIME + 1) // 4, _PRIME)
    return y if y * y % _PRIME == square else None


def _point(x: int, y: int) -> EccPoint:
    from Crypto.PublicKey.ECC import EccPoint

    return EccPoint(x, y, curve="p256")


def _encoded(point: EccPoint) -> bytes:
    return int(point.x).to_bytes(32, "big") + int(point.y).to_bytes(32, "big")


def _decoded(data: bytes) -> EccPoint | None:
    """The point of 64 bytes; None if it is not on the curve."""
    x, y = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")
    try:
        point = _point(x, y) if max(x, y) < _PRIME else None
    except ValueError:
        return None
    return None if point is None or point.is_point_at_infinity() else point
