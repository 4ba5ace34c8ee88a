"""CCMP against the example of IEEE 802.11 (annex J, CCMP test vector), and the ways in which it fails."""

from __future__ import annotations

import pytest

from peripherals.crypto import ccmp

KEY = bytes.fromhex("c97c1f67ce371185514a8a19f2bdd52f")
HEADER = bytes.fromhex("0848c32c0fd2e128a57c5030f1844408abaea5b8fcba8033")
IV = bytes.fromhex("0ce70020769703b5")
PLAIN = bytes.fromhex("f8ba1a55d02f85ae967bb62fb6cda8eb7e78a050")
CIPHERED = bytes.fromhex("f3d0a2fe9a3dbf2342a643e43246e80c3c04d0197845ce0b16f97623")
QOS_HEADER = bytes.fromhex("8842") + HEADER[2:] + b"\x05\x00"


def test_the_example_of_the_standard() -> None:
    assert ccmp.iv_of(0xB5039776E70C, 0) == IV
    assert ccmp.packet_number_of(IV) == 0xB5039776E70C
    assert ccmp.protect(KEY, HEADER + IV + PLAIN) == HEADER + IV + CIPHERED
    assert ccmp.unprotect(KEY, HEADER + IV + CIPHERED) == HEADER + IV + PLAIN


@pytest.mark.parametrize("place", [4, 10, 24, 32, 40, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    damaged = bytearray(HEADER + IV + CIPHERED)
    damaged[place] ^= 1
    assert ccmp.unprotect(KEY, bytes(damaged)) is None


@pytest.mark.parametrize("bits", [0x0008, 0x0010, 0x0020])
def test_what_changes_on_the_way_does_not_count(bits: int) -> None:
    """Retry, power management, more data."""
    changed = bytearray(HEADER + IV + CIPHERED)
    changed[1] ^= bits
    assert ccmp.unprotect(KEY, bytes(changed)) is not None


def test_qos_frames_have_their_priority_in_the_nonce() -> None:
    frame = ccmp.protect(KEY, QOS_HEADER + IV + PLAIN)
    assert ccmp.unprotect(KEY, frame) == QOS_HEADER + IV + PLAIN
    other = frame[:24] + b"\x06" + frame[25:]
    assert ccmp.unprotect(KEY, other) is None


def test_a_frame_that_is_too_short_is_none() -> None:
    assert ccmp.unprotect(KEY, HEADER + IV + bytes(7)) is None
    assert ccmp.unprotect(KEY, HEADER + IV + bytes(8)) is None


def test_lengths_of_headers() -> None:
    assert [
        ccmp.header_bytes(bytes.fromhex(control)) for control in ("0842", "8842", "0843", "8843", "8000")
    ] == [
        *(24, 26, 30, 32, 24),
    ]
