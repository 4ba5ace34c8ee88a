"""From reset to the first instruction in flash: the mask ROM, then the bootloader."""

from __future__ import annotations

from typing import Final

from emu.loader.image import HEADER_SIZE
from emu.loader.recognise import BOOTLOADER_OFFSET
from emu.memory_map import FLASH_BASE
from roms.boot_checks import check_body, check_header
from roms.boot_chip import BootChip, BootResult, DownloadMode, Start, Verdict, flash_offset, start
from roms.boot_update import SDK_2_0
from roms.bootloader import Bootloader
from roms.known_bootloaders import AnyRelease
from roms.secboot import Secboot, SecbootRelease

ERASED_HEADER: Final = b"\xff" * HEADER_SIZE
"""GUESS: no image is no error: the SDK's flash.py erases a whole flash, and waits for the letter C then."""


def boot_rom(chip: BootChip, *, boot_pin_high: bool = True) -> BootResult:
    """Do what the mask ROM does after a reset: check the bootloader and hand over to it.

    Not modelled: its exchange of the bootloader for a newer one from an upgrade area, signatures, encryption.
    """
    if not boot_pin_high:
        return DownloadMode(Verdict.GOOD, "the BOOT pin is low")
    return _start_image(chip, BOOTLOADER_OFFSET, "bootloader")


def boot_app(chip: BootChip, header_offset: int) -> BootResult:
    """Start an app as it lies in flash, as if the second bootloader had found nothing to do."""
    return _start_image(chip, header_offset, "app")


def _start_image(chip: BootChip, header_offset: int, what: str) -> BootResult:
    header = chip.read_header(header_offset)
    where = f"the {what} at {FLASH_BASE + header_offset:#010x}"
    if header.pack() == ERASED_HEADER:
        return DownloadMode(Verdict.GOOD, f"{where} is no good: the flash is erased there; flash one")
    verdict = check_header(chip, header)
    if verdict is Verdict.GOOD:
        verdict = check_body(chip, header, flash_offset(header.run_address))
    if verdict is not Verdict.GOOD:
        return DownloadMode(verdict, f"{where} is no good: {verdict.meaning}; flash another")
    return start(chip, header)


def boot(chip: BootChip, release: AnyRelease = SDK_2_0, *, boot_pin_high: bool = True) -> BootResult:
    """Run the mask ROM and the modelled bootloader."""
    handover = boot_rom(chip, boot_pin_high=boot_pin_high)
    if not isinstance(handover, Start):
        return handover
    if isinstance(release, SecbootRelease):
        return Secboot(chip, release).run()
    return Bootloader(chip, release).run()
