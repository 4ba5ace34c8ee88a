"""The second bootloader of the W800 SDK 1.x and the W806 SDK: finds the app, updates it, starts it.

Decisions, their order and the order of flash operations are those of the binaries, which were executed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emu.loader.checksum import crc32
from emu.loader.image import HEADER_SIZE, ImageHeader
from emu.memory_map import FLASH_BASE
from peripherals.nor_flash import SECTOR_SIZE
from roms.boot_checks import Found, check_body, check_header, find_ota_image, find_run_image, is_sealed
from roms.boot_chip import BootChip, BootResult, DownloadMode, Verdict, flash_offset, start
from roms.boot_escape import ESCAPED, is_escape_pressed
from roms.boot_flash import write_flash
from roms.boot_reasons import fault
from roms.secboot_update import EndlessError, update

OTA_OFFSET: Final = 0x1_0000
"""Where OTA images are looked for, whatever upgrade addresses say."""
ESC_WINDOW_NS: Final = 34_400_000
"""196,607 polls of 14 instructions, executed at 80 MHz and a cycle each."""
NO_UPDATE: Final = 0xFFFF_FFFF

_OWN_OFFSET: Final = 0x2000
_OLD_CRC_OFFSET: Final = 0x38


@dataclass(frozen=True, slots=True)
class SecbootRelease:
    """What differs between the secboots."""

    name: str
    banner: str
    """What ESC makes it print."""
    takes_old_headers: bool
    """Whether headers may have their checksum at 0x38, where others have the next header's address."""
    escape_cancels_update: bool
    """Whether ESC erases the update flag; if not, it is written again as it was."""


SECBOOT_V0_6: Final = SecbootRelease(
    "Secboot V0.6", "Secboot V0.6\r\n", takes_old_headers=True, escape_cancels_update=False
)
SECBOOT_1_0_01: Final = SecbootRelease(
    "secboot 1.0.01", "", takes_old_headers=True, escape_cancels_update=False
)
SECBOOT_V1_1: Final = SecbootRelease(
    "Secboot V1.1", "Secboot V1.1\r\n", takes_old_headers=False, escape_cancels_update=True
)


class Secboot:
    """One run of a secboot."""

    def __init__(self, chip: BootChip, release: SecbootRelease = SECBOOT_V1_1) -> None:
        self._chip = chip
        self._release = release
        self._flag_offset = chip.flash.size_bytes - SECTOR_SIZE

    def run(self) -> BootResult:
        """Go from the mask ROM's hand-over to the app, or back to the mask ROM."""
        chip = self._chip
        flag = int.from_bytes(chip.read(self._flag_offset, 4), "little")
        if is_escape_pressed(chip, ESC_WINDOW_NS):
            return self._escape(flag)
        run_verdict, run, _ = find_run_image(chip, _OWN_OFFSET, self._check)
        ota_verdict, ota, ota_offset = find_ota_image(chip, OTA_OFFSET, self._check)
        if run_verdict is Verdict.GOOD:
            same = (run.body_crc, run.header_crc) == (ota.body_crc, ota.header_crc)
            if ota_verdict is not Verdict.GOOD or same or flag != ota.body_crc:
                if flag != NO_UPDATE:
                    self._explain(flag, Found(ota_verdict, ota, ota_offset), same=same)
                return start(chip, run)
        elif ota_verdict is not Verdict.GOOD:
            where = f"nor is there an OTA image at {FLASH_BASE + OTA_OFFSET:#010x}: {ota_verdict.meaning}"
            return DownloadMode(run_verdict, f"the app is no good: {run_verdict.meaning}; {where}")
        return self._update(flag, ota, run)

    def _explain(self, flag: int, ota: Found, *, same: bool) -> None:
        """Tell why the app stays although the update flag is set."""
        if ota.verdict is not Verdict.GOOD:
            why = f"is refused: {fault(self._chip, ota.header, ota.verdict, ota.offset + HEADER_SIZE)}"
        elif same:
            why = "is the app that runs already"
        else:
            flag_at = f"the update flag at {FLASH_BASE + self._flag_offset:#010x}"
            why = f"is not meant: {flag_at} is {flag:#010x}, its body CRC {ota.header.body_crc:#010x}"
        self._chip.note(f"no update, the image at {FLASH_BASE + ota.offset:#010x} {why}")

    def _escape(self, flag: int) -> DownloadMode:
        if self._release.banner:
            self._chip.console.transmit(self._release.banner.encode())
        if flag != NO_UPDATE:
            self._write_flag(NO_UPDATE if self._release.escape_cancels_update else flag)
        return DownloadMode(Verdict.GOOD, ESCAPED)

    def _update(self, flag: int, ota: ImageHeader, run: ImageHeader) -> BootResult:
        self._chip.watcher.settled(repr((flag, ota, run, self._release)))
        where = f"the OTA image at {ota.upgrade_address:#010x}"
        try:
            installed = update(self._chip, ota, run, self._check)
        except EndlessError:
            why = "its gzip data end early, or their size is a multiple of 8 KB"
            return DownloadMode(Verdict.BAD_BODY, f"the bootloader unpacks {where} for ever: {why}")
        if installed is None:
            return DownloadMode(Verdict.BAD_BODY, f"{where} cannot be unpacked: its gzip data are damaged")
        if flag != NO_UPDATE:
            self._write_flag(NO_UPDATE)
        verdict = check_body(self._chip, installed, flash_offset(installed.run_address))
        if verdict is not Verdict.GOOD:
            reason = f"the app that runs at {installed.run_address:#010x} is no good: {verdict.meaning}"
            return DownloadMode(verdict, f"{reason}, after an update")
        return start(self._chip, installed)

    def _check(self, chip: BootChip, header: ImageHeader) -> Verdict:
        """Judge a header: whatever is wrong with it, the letter is the same."""
        verdict = check_header(chip, header, self._is_sealed)
        return Verdict.GOOD if verdict is Verdict.GOOD else Verdict.BAD_HEADER

    def _is_sealed(self, header: ImageHeader) -> bool:
        return is_sealed(header) or (self._release.takes_old_headers and _has_old_seal(header))

    def _write_flag(self, flag: int) -> None:
        write_flash(self._chip, self._flag_offset, flag.to_bytes(4, "little"))


def _has_old_seal(header: ImageHeader) -> bool:
    return header.next_header_address == crc32(header.pack()[:_OLD_CRC_OFFSET])
