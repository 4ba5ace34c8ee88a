"""Addresses as text and as bytes."""

from __future__ import annotations

from string import hexdigits
from typing import Final

BROADCAST: Final = b"\xff" * 6


def is_group(mac: bytes) -> bool:
    """Whether a MAC address is one of several stations."""
    return bool(mac[0] & 1)


def mac_text(mac: bytes) -> str:
    """Six bytes as `02:aa:bb:cc:dd:ee`."""
    return mac.hex(":")


def parse_mac(text: str) -> bytes:
    """The bytes of `02:aa:bb:cc:dd:ee`; ValueError for something else."""
    parts = text.split(":")
    if len(parts) != 6 or not all(len(part) == 2 and set(part) <= set(hexdigits) for part in parts):
        raise ValueError(f"{text!r} is no MAC address such as 02:aa:bb:cc:dd:ee")
    return bytes.fromhex("".join(parts))


def ip_text(address: bytes) -> str:
    """Four bytes as `10.0.2.15`."""
    return ".".join(map(str, address))


def parse_ip(text: str) -> bytes:
    """The bytes of `10.0.2.15`; ValueError for something else."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and int(part) < 256 for part in parts):
        raise ValueError(f"{text!r} is no IPv4 address")
    return bytes(map(int, parts))
