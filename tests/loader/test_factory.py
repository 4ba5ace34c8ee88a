from __future__ import annotations

import struct

from emu.loader.checksum import crc32
from emu.loader.factory import FactoryParameters

BLOCK = FactoryParameters().pack()


def test_the_block_has_the_size_and_both_checksums_the_firmware_wants() -> None:
    assert len(BLOCK) == 220
    assert struct.unpack_from("<II", BLOCK) == (0xA0FF_FF9F, crc32(BLOCK[8:132]))
    assert struct.unpack_from("<I", BLOCK, 132) == (crc32(BLOCK[136:192]),)


def test_version_and_size_announce_the_extension() -> None:
    """_ft_ext1_valid of wm_efuse.c takes 52 bytes and up to 32 more."""
    assert struct.unpack_from("<H", BLOCK, 14) == (1,)
    assert struct.unpack_from("<H", BLOCK, 22) == (56,)


def test_no_generation_of_the_sdk_reads_an_error_of_the_crystal() -> None:
    """FREQERR_ADDR of wm_efuse.h is behind the 132 bytes that all share; the extension begins at 136."""
    assert struct.unpack_from("<II", BLOCK, 132) == (0, 0)


def test_the_addresses_are_locally_administered_and_differ() -> None:
    wifi, bluetooth = BLOCK[8:14], BLOCK[16:22]
    assert wifi != bluetooth
    assert wifi[0] & 0b11 == bluetooth[0] & 0b11 == 0b10


def test_the_radio_counts_as_calibrated() -> None:
    (transmit_dc_offset,) = struct.unpack_from("<I", BLOCK, 24)
    assert transmit_dc_offset & 0b10
    assert transmit_dc_offset != 0xFFFF_FFFF
