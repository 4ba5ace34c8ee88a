"""`AccessPoint`: what a network in the air is like."""

from __future__ import annotations

from dataclasses import dataclass

from emu.network.formats.addresses import is_group, parse_mac

SECURITIES = ("WPA2", "WPA3", "WPA2/WPA3")
CHANNELS = range(1, 14)
SIGNALS_DBM = range(-100, 1)
_FIRST_MAC = 0x02AABBCCDD00


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One network: without a password it is open, with one it is WPA2-PSK with CCMP, or what `security` says.

    ValueError for a name of more than 32 bytes, a password that is not 8 to 63 characters, or a channel,
    signal, BSSID or security that cannot be.
    """

    ssid: str
    password: str | None = None
    channel: int = 6
    signal_dbm: int = -40
    is_hidden: bool = False
    """Whether its beacons keep quiet about its name."""
    has_ht: bool = True
    """Whether it is 802.11n with WMM; else 802.11b/g."""
    bssid: str = ""
    """Such as 02:aa:bb:cc:dd:ee; empty: one of its own."""
    security: str = "WPA2"
    """With a password: WPA2, WPA3 (SAE, management frames protected) or WPA2/WPA3: as a station wants."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.ssid.encode()) <= 32:
            raise ValueError(f"ssid: {self.ssid!r} is not 1 to 32 bytes long")
        if self.password is not None and not (8 <= len(self.password) <= 63 and self.password.isascii()):
            raise ValueError("password: WPA takes 8 to 63 characters of ASCII")
        if self.channel not in CHANNELS:
            raise ValueError(f"channel: {self.channel} is none of 1 to 13")
        if self.signal_dbm not in SIGNALS_DBM:
            raise ValueError(f"signal_dbm: {self.signal_dbm} is none of -100 to 0")
        if self.security not in SECURITIES:
            raise ValueError(f"security: {self.security!r} is none of {', '.join(SECURITIES)}")
        if self.password is None and self.security != "WPA2":
            raise ValueError(f"security: {self.security} needs a password")
        if self.bssid and is_group(parse_mac(self.bssid)):
            raise ValueError(f"bssid: {self.bssid} is the address of a group: its first byte is odd")

    def mac(self, number: int) -> bytes:
        """Its BSSID, if it is the network of that number."""
        return parse_mac(self.bssid) if self.bssid else (_FIRST_MAC + number).to_bytes(6, "big")


def middle_mhz(channel: int) -> int:
    """The middle of a channel of the 2.4 GHz band."""
    return 2407 + 5 * channel
