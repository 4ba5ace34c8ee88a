from __future__ import annotations

import binascii
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peripherals.crypto.crc import CrcKind, crc_update, reverse_bits

CHECK = b"123456789"  # the message of the published check values


def shift_register(width_bits: int, polynomial: int, state: int, data: bytes) -> int:
    """The definition, a bit at a time."""
    for byte in data:
        state ^= byte << width_bits - 8
        for _ in range(8):
            state = state << 1 ^ (polynomial if state >> width_bits - 1 else 0)
            state &= (1 << width_bits) - 1
    return state


@pytest.mark.parametrize(
    ("kind", "polynomial"),
    [
        (CrcKind.CRC8, 0x07),
        (CrcKind.CRC16_MODBUS, 0x8005),
        (CrcKind.CRC16_CCITT, 0x1021),
        (CrcKind.CRC32, 0x04C1_1DB7),
    ],
)
@given(state=st.integers(0, 0xFFFF_FFFF), data=st.binary(max_size=40), reverse_input=st.booleans())
def test_every_kind_is_its_shift_register(
    kind: CrcKind, polynomial: int, state: int, data: bytes, reverse_input: bool
) -> None:
    state &= (1 << kind.width_bits) - 1
    shifted_in = bytes(reverse_bits(byte, 8) for byte in data) if reverse_input else data
    expected = shift_register(kind.width_bits, polynomial, state, shifted_in)
    assert crc_update(kind, state, data, reverse_input=reverse_input) == expected


def test_check_values_of_the_catalogue() -> None:
    assert crc_update(CrcKind.CRC8, 0, CHECK, reverse_input=False) == 0xF4
    assert crc_update(CrcKind.CRC16_CCITT, 0xFFFF, CHECK, reverse_input=False) == 0x29B1
    modbus = crc_update(CrcKind.CRC16_MODBUS, 0xFFFF, CHECK, reverse_input=True)
    assert reverse_bits(modbus, 16) == 0x4B37


@given(st.binary(max_size=200))
def test_reversed_in_and_out_the_32_bit_check_is_that_of_the_images(data: bytes) -> None:
    state = crc_update(CrcKind.CRC32, 0xFFFF_FFFF, data, reverse_input=True)
    assert reverse_bits(state, 32) == zlib.crc32(data) ^ 0xFFFF_FFFF


@given(st.binary(max_size=200))
def test_ccitt_is_that_of_xmodem(data: bytes) -> None:
    assert crc_update(CrcKind.CRC16_CCITT, 0, data, reverse_input=False) == binascii.crc_hqx(data, 0)


@given(first=st.binary(max_size=40), second=st.binary(max_size=40), kind=st.sampled_from(CrcKind))
def test_a_check_can_go_on_with_the_next_part(first: bytes, second: bytes, kind: CrcKind) -> None:
    in_parts = crc_update(kind, crc_update(kind, 1, first, reverse_input=True), second, reverse_input=True)
    assert in_parts == crc_update(kind, 1, first + second, reverse_input=True)
