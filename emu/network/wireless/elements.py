"""The information elements of an access point's beacons and responses."""

from __future__ import annotations

from typing import Final

from emu.network.access_point import AccessPoint
from emu.network.formats import rsn
from emu.network.formats.dot11 import Element, build_elements
from emu.network.formats.rsn import Rsn

ESS, PRIVACY, SHORT_SLOT = 0x0001, 0x0010, 0x0400
BEACON_INTERVAL_TU: Final = 100
# 1, 2, 5.5, 11 Mbit/s as basic rates, then 6, 9, 12, 18; and 24, 36, 48, 54.
_RATES: Final = bytes.fromhex("82848b960c121824")
_MORE_RATES: Final = bytes.fromhex("3048606c")
# 20 MHz, short guard interval, one spatial stream, no aggregation to speak of.
_HT_CAPABILITIES: Final = bytes.fromhex("2000 00 ff") + bytes(22)
_WMM: Final = bytes.fromhex("0050f202 0101 00 00 03a40000 27a40000 42435e00 62322f00")
_RSN: Final = {
    "WPA2": Rsn((rsn.PSK,)),
    "WPA3": Rsn((rsn.SAE,), rsn.CAN_PROTECT | rsn.REQUIRES_PROTECTION, group_management=rsn.BIP),
    "WPA2/WPA3": Rsn((rsn.PSK, rsn.SAE), rsn.CAN_PROTECT, group_management=rsn.BIP),
}


def security(ap: AccessPoint) -> Rsn | None:
    """What its RSN element says; None: it is open."""
    return None if ap.password is None else _RSN[ap.security]


def capabilities(ap: AccessPoint) -> int:
    """The capability field."""
    return ESS | SHORT_SLOT | (PRIVACY if ap.password is not None else 0)


def announced(ap: AccessPoint, traffic_map: bytes | None) -> bytes:
    """The elements of a beacon, with its traffic map, or of a probe response."""
    is_beacon = traffic_map is not None
    ssid = b"" if ap.is_hidden and is_beacon else ap.ssid.encode()
    elements = [(Element.SSID, ssid), (Element.RATES, _RATES), (Element.CHANNEL, bytes((ap.channel,)))]
    if traffic_map is not None:
        elements.append((Element.TRAFFIC_MAP, traffic_map))
    elements += [(Element.ERP, b"\0"), (Element.MORE_RATES, _MORE_RATES)]
    if (offer := security(ap)) is not None:
        elements.append((Element.RSN, offer.build()))
    return build_elements(elements + _ht(ap))


def granted(ap: AccessPoint) -> bytes:
    """The elements of an association response."""
    return build_elements([(Element.RATES, _RATES), (Element.MORE_RATES, _MORE_RATES), *_ht(ap)])


def traffic_map(associations: list[int], *, has_group_frames: bool) -> bytes:
    """Who has frames waiting: DTIM count 0 of 1, then the bits of the association ids."""
    bits = 0
    for association in associations:
        bits |= 1 << association
    return bytes((0, 1, has_group_frames)) + bits.to_bytes(max(1, (bits.bit_length() + 7) // 8), "little")


def _ht(ap: AccessPoint) -> list[tuple[Element, bytes]]:
    if not ap.has_ht:
        return []
    operation = bytes((ap.channel,)) + bytes(21)
    return [
        (Element.HT_CAPABILITIES, _HT_CAPABILITIES),
        (Element.HT_OPERATION, operation),
        (Element.VENDOR, _WMM),
    ]
