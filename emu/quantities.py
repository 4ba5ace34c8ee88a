"""Texts, addresses, sizes and durations as people write them; ValueError has a line that shows how."""

from __future__ import annotations

import re
from decimal import Decimal

_UNIT_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_UNIT_BYTES = {"": 1 << 20, "K": 1 << 10, "M": 1 << 20}
_DURATION = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,9}})?)({'|'.join(_UNIT_NS)})", re.ASCII)
_SIZE = re.compile(r"(\d{1,6})([KM]?)(?:i?B)?", re.ASCII | re.IGNORECASE)


def parse_address(text: str) -> int:
    """A 32-bit number as Python writes it: 0x0800_f400, 0x800f400 or decimal."""
    return _number(text, 32, "a 32-bit address such as 0x0800f400")


def parse_number(text: str) -> int:
    """A 64-bit number as Python writes it, not below 0."""
    return _number(text, 64, "a number such as 7 or 0x1234")


def _number(text: str, bits: int, what: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{text!r} is not {what}")
    return number


def parse_port(text: str) -> int:
    """A TCP port; 0 is any."""
    if not (text.isdecimal() and text.isascii() and len(text) < 6 and int(text) < 0x1_0000):
        raise ValueError(f"{text!r} is not a port number from 1 to 65535, or 0 for any")
    return int(text)


def parse_duration(text: str) -> int:
    """Whole nanoseconds: `250us`, `1.5s`, `2m`."""
    match = _DURATION.fullmatch(text)
    duration_ns = int(Decimal(match[1]) * _UNIT_NS[match[2]]) if match else 0
    if duration_ns <= 0:
        raise ValueError(f"{text!r} is not a duration such as 500ms, 10s or 2m (units: {' '.join(_UNIT_NS)})")
    return duration_ns


def parse_text(text: str) -> str:
    """Any text but an empty one."""
    if not text:
        raise ValueError("an empty text is everywhere")
    return text


def format_duration(duration_ns: int) -> str:
    """Seconds with milliseconds, as reports show them."""
    return f"{duration_ns / 1e9:.3f} s"


def parse_size(text: str) -> int:
    """Bytes: `512K`, `2M`; a number without unit is in megabytes."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a size such as 512K, 2M or 8 (megabytes)")
    return int(match[1]) * _UNIT_BYTES[match[2].upper()]
