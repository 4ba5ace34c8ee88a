"""The commands of download mode: `!`, length, CRC, command and data, all little endian (rom.rst)."""

from __future__ import annotations

import struct
from binascii import crc_hqx
from collections.abc import Callable
from typing import Final

from emu.loader.factory import (
    BACKUP_OFFSET,
    BLUETOOTH_MAC,
    PARAMETERS_OFFSET,
    PARAMETERS_SIZE,
    TRANSMIT_GAINS,
    WIFI_MAC,
    FactoryParameters,
    find_parameters,
    with_field,
)
from peripherals.nor_flash import SECTOR_SIZE
from roms.boot_chip import BootChip, DownloadMode, Restart, Verdict
from roms.boot_flash import write_flash
from roms.download_errors import DownloadError, Letter
from roms.xmodem import receive_all

COMMAND: Final = ord("!")
FASTEST_BAUD: Final = 2_000_000
_LONGEST: Final = 6 + 84
_BLOCK_SIZE: Final = 0x1_0000
_IN_BLOCKS: Final = 1 << 15

_Result = DownloadMode | Restart
_Command = Callable[[BootChip, DownloadMode, bytes], Restart | None]


def carry_out(chip: BootChip, mode: DownloadMode) -> _Result:
    """Take what follows the `!`; DownloadError tells what is wrong with it."""
    size = int.from_bytes(receive_all(chip.console, 2), "little")
    if not 6 <= size <= _LONGEST:
        raise DownloadError(Letter.BAD_FRAME, f"a command of {size} bytes has come: there is none so long")
    frame = receive_all(chip.console, size)
    if len(frame) < size or crc_hqx(frame[2:], 0xFFFF) != int.from_bytes(frame[:2], "little"):
        raise DownloadError(Letter.BAD_FRAME, "a command with a wrong CRC has come")
    number, data = int.from_bytes(frame[2:6], "little"), frame[6:]
    command = _COMMANDS.get(number)
    if command is None:
        raise DownloadError(Letter.BAD_PARAMETER, f"command {number:#x} has come, which is not known")
    return command(chip, mode, data) or DownloadMode(Verdict.GOOD, "a command was carried out")


def _unpacked(layout: str, data: bytes) -> tuple[int, ...]:
    try:
        return struct.unpack(layout, data)
    except struct.error:
        size = struct.calcsize(layout)
        what = f"a command has come with {len(data)} bytes of data instead of {size}"
        raise DownloadError(Letter.BAD_PARAMETER, what) from None


def _set_baud_rate(chip: BootChip, _mode: DownloadMode, data: bytes) -> None:
    (baud_rate,) = _unpacked("<I", data)
    if not 0 < baud_rate <= FASTEST_BAUD:
        raise DownloadError(Letter.BAD_PARAMETER, f"{baud_rate:,} baud is not between 1 and {FASTEST_BAUD:,}")
    chip.console.set_baud_rate(baud_rate)


def _erase(chip: BootChip, _mode: DownloadMode, data: bytes) -> None:
    """What is behind the flash is passed over: flash.py erases 2 MB of whatever there is."""
    index, count = _unpacked("<HH", data)
    size, erase = SECTOR_SIZE, chip.flash.erase_sector
    if index & _IN_BLOCKS:
        index, size, erase = index - _IN_BLOCKS, _BLOCK_SIZE, chip.flash.erase_block
    if index * size >= chip.flash.size_bytes:
        raise DownloadError(Letter.BAD_PARAMETER, f"there is no flash at offset {index * size:#x} to erase")
    for offset in range(index * size, min((index + count) * size, chip.flash.size_bytes), size):
        erase(offset)


def _restart(_chip: BootChip, _mode: DownloadMode, _data: bytes) -> Restart:
    return Restart()


def _tell_last_error(chip: BootChip, mode: DownloadMode, _data: bytes) -> None:
    """GUESS: as its letter, with a line end like the other answers."""
    chip.console.transmit(f"{mode.code}\n".encode())


def _tell_flash_id(chip: BootChip, _mode: DownloadMode, _data: bytes) -> None:
    manufacturer, _, capacity = chip.flash.jedec_id
    chip.console.transmit(f"FID:{manufacturer:02X},{capacity:02X}\n".encode())


def _tell(field: slice) -> _Command:
    """GUESS: all fields are told in the form that is known of the Wi-Fi MAC (wm_tool.c)."""

    def tell(chip: BootChip, _mode: DownloadMode, _data: bytes) -> None:
        parameters = _parameters(chip)
        if parameters is None:
            raise DownloadError(Letter.NO_FACTORY_PARAMETERS, "the flash has no factory parameters")
        name = "Gain" if field is TRANSMIT_GAINS else "Mac"
        chip.console.transmit(f"{name}:{parameters[field].hex().upper()}\n".encode())

    return tell


def _set(field: slice, letter: Letter) -> _Command:
    size = field.stop - field.start

    def set_field(chip: BootChip, _mode: DownloadMode, data: bytes) -> None:
        if not size <= len(data) <= size + 2:  # GUESS: of 8 bytes for a MAC, the first six count
            raise DownloadError(letter, f"{len(data)} bytes have come instead of {size}")
        parameters = _parameters(chip) or FactoryParameters().pack()
        for offset in (PARAMETERS_OFFSET, BACKUP_OFFSET):
            write_flash(chip, offset, with_field(parameters, field, data[:size]))

    return set_field


def _parameters(chip: BootChip) -> bytes | None:
    return find_parameters(chip.read(0, BACKUP_OFFSET + PARAMETERS_SIZE))


_COMMANDS: Final[dict[int, _Command]] = {
    0x31: _set_baud_rate,
    0x32: _erase,
    0x33: _set(BLUETOOTH_MAC, Letter.MAC_NOT_SET),
    0x34: _tell(BLUETOOTH_MAC),
    0x35: _set(TRANSMIT_GAINS, Letter.GAIN_NOT_SET),
    0x36: _tell(TRANSMIT_GAINS),
    0x37: _set(WIFI_MAC, Letter.MAC_NOT_SET),
    0x38: _tell(WIFI_MAC),
    0x3B: _tell_last_error,
    0x3C: _tell_flash_id,
    0x3F: _restart,
}
"""Without 0x3E, the version of the ROM: no source tells one."""
