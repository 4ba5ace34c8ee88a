"""The mask ROM's download mode: a letter as prompt, commands in frames, images by XMODEM.

Facts: rom.rst of the SDK, and what its flash.py and the maker's wm_tool.c rely on (roms/README.md).
"""

from __future__ import annotations

from typing import Final

from roms.boot_chip import BootChip, DownloadMode, Restart, Start, Verdict
from roms.download_commands import COMMAND, carry_out
from roms.download_errors import DownloadError
from roms.download_images import ImageWriter
from roms.xmodem import BLOCK_SIZES, NotStartedError, Receiver

PROMPT_NS: Final = 100_000_000
"""GUESS: how often a letter comes. At 20 ms the SDK's sender takes one for an answer to its first block."""

DownloadResult = Start | DownloadMode | Restart


def download(chip: BootChip, mode: DownloadMode) -> DownloadResult:
    """Wait a while for a command or a transfer and carry it out; the letter is sent again if none comes."""
    first = _awaited(chip)
    if first is None:
        chip.console.transmit(mode.code.encode())
        return mode
    try:
        return carry_out(chip, mode) if first == COMMAND else _take_images(chip, first)
    except NotStartedError:
        return mode
    except DownloadError as error:
        return DownloadMode(error.letter, str(error))


def _awaited(chip: BootChip) -> int | None:
    """The first byte of a frame; what belongs to none, such as ESC, is not heeded."""
    end_ns = chip.now_ns() + PROMPT_NS
    while (left_ns := end_ns - chip.now_ns()) > 0:
        byte = chip.console.receive(left_ns)
        if byte == COMMAND or byte in BLOCK_SIZES:
            return byte
    return None


def _take_images(chip: BootChip, first: int) -> DownloadResult:
    receiver = Receiver(chip.console)
    writer = ImageWriter(chip)
    try:
        for block in receiver.blocks(first):
            writer.write(block)
        writer.finish()
    except DownloadError:
        receiver.cancel()
        raise
    receiver.acknowledge()
    return writer.started or DownloadMode(Verdict.GOOD, "images were flashed: restart the chip")
