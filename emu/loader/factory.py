"""The factory test ("FT") parameters at the start of flash: MAC addresses and radio calibration.

Layout: wm_ft_param.c (wm_iot_sdk), wm_efuse.c of the SDKs before. Up to 1.00.04 these know no extension: they
read the error of the crystal where later ones have the checksum of the extension.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from emu.loader.checksum import crc32
from emu.loader.image import MAGIC

PARAMETERS_OFFSET: Final = 0x0000
BACKUP_OFFSET: Final = 0x1000
"""The firmware falls back to this copy when the first is damaged."""
PARAMETERS_SIZE: Final = 220

_MAIN: Final = struct.Struct(
    "<II6sH6sH6I84s"
)  # magic, CRC, MAC, version, MAC, extension size, offsets, gains
_MAIN_CRC: Final = slice(4, 8)
_MAIN_CRC_FROM: Final = 8
WIFI_MAC: Final = slice(8, 14)
BLUETOOTH_MAC: Final = slice(16, 22)
TRANSMIT_GAINS: Final = slice(48, 132)
"""Where fields lie in the 220 bytes."""
_VERSION: Final = 1
_CALIBRATION: Final = bytes(52)
"""No frequency error, no ADC or temperature calibration."""
_EXTENSION_SIZE: Final = len(_CALIBRATION) + 4
_TRANSMIT_GAINS: Final = bytes(84)


@dataclass(frozen=True, slots=True)
class FactoryParameters:
    """What a production line writes into every module.

    The radio library starts a calibration on radio registers when bit 1 of `transmit_dc_offset` is clear or
    the word is erased (found in librf), so the default says that calibration has been done.
    """

    wifi_mac: bytes = bytes.fromhex("02 80 00 00 00 01")  # bit 1 of the first byte: locally administered
    bluetooth_mac: bytes = bytes.fromhex("02 80 00 00 00 02")
    transmit_dc_offset: int = 0b10
    receive_dc_offset: int = 0

    def pack(self) -> bytes:
        """The 220 bytes with both checksums."""
        main = _MAIN.pack(
            MAGIC,
            0,
            self.wifi_mac,
            _VERSION,
            self.bluetooth_mac,
            _EXTENSION_SIZE,
            self.transmit_dc_offset,
            self.receive_dc_offset,
            *(0, 0, 0, 0),
            _TRANSMIT_GAINS,
        )
        # What ends with its own checksum has the checksum 0: no error of the crystal for older SDKs either.
        extension = _CALIBRATION + _word(crc32(_CALIBRATION))
        return (
            main[:4]
            + _word(crc32(main[_MAIN_CRC_FROM:]))
            + main[_MAIN_CRC_FROM:]
            + _word(crc32(extension))
            + extension
        ).ljust(PARAMETERS_SIZE, b"\xff")


def find_parameters(contents: bytes) -> bytes | None:
    """The 220 bytes in the contents of a flash, or their backup; None if both are damaged or missing."""
    for offset in (PARAMETERS_OFFSET, BACKUP_OFFSET):
        parameters = contents[offset : offset + PARAMETERS_SIZE]
        checked = parameters[_MAIN_CRC_FROM : _MAIN.size]
        if parameters.startswith(_word(MAGIC)) and parameters[_MAIN_CRC] == _word(crc32(checked)):
            return parameters
    return None


def with_field(parameters: bytes, field: slice, value: bytes) -> bytes:
    """The 220 bytes with another value in a field, and the checksum for it."""
    changed = bytearray(parameters)
    changed[field] = value
    changed[_MAIN_CRC] = _word(crc32(bytes(changed[_MAIN_CRC_FROM : _MAIN.size])))
    return bytes(changed)


def _word(value: int) -> bytes:
    return value.to_bytes(4, "little")
