"""The second-stage bootloader: finds the app, carries out a pending OTA update, starts the app.

Decisions, their order, messages and the order of flash operations are those of the SDK's "Secboot Va.2".
"""

from __future__ import annotations

from typing import Final, NamedTuple

from emu.loader.errors import LoadError, Origin
from emu.loader.image import HEADER_SIZE, BootFlag, ImageHeader
from emu.loader.partition_table import TABLE_OFFSET, Partition, read_entries
from emu.memory_map import FLASH_BASE
from peripherals.nor_flash import SECTOR_SIZE
from roms.boot_checks import Found, check_body, check_header, find_ota_image, find_run_image
from roms.boot_chip import BootChip, BootResult, DownloadMode, Start, Verdict, flash_offset, start
from roms.boot_escape import ESCAPED, is_escape_pressed
from roms.boot_flash import write_flash
from roms.boot_log import BootLog, Level
from roms.boot_reasons import fault, is_there
from roms.boot_update import SDK_2_0, Release, Updater

ESC_WINDOW_NS: Final = 68_000_000
"""bootloader/Kconfig: what skipping the check saves."""
REBOOT_AFTER_OTA: Final = 5

_ROM_COMMAND_MODE: Final = 0x1038
"""The entry of the mask ROM that waits for commands on UART0."""


class _ToRom(Exception):  # noqa: N818 - a way out, not a mistake
    """The bootloader gives up."""

    def __init__(self, code: Verdict, message: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.message = message
        self.reason = reason


class _Pending(NamedTuple):
    """An update to carry out."""

    app: Partition
    ota: ImageHeader
    mark_offset: int
    mark: int


class _Final(NamedTuple):
    """What is started in the end."""

    header_offset: int
    is_checked: bool


class Bootloader:
    """One run of the bootloader."""

    def __init__(self, chip: BootChip, release: Release = SDK_2_0) -> None:
        self._chip = chip
        self._release = release
        self._log = BootLog(chip.console)

    def run(self) -> BootResult:
        """Go from the mask ROM's hand-over to the app, or back to the mask ROM."""
        try:
            return self._run()
        except _ToRom as stop:
            if stop.message:
                self._log.line(Level.ERROR, stop.message)
            self._log.line(Level.ERROR, f"[E] to rom {_ROM_COMMAND_MODE:x}")
            return DownloadMode(stop.code, stop.reason)

    def _run(self) -> Start:
        own = self._partition("bootloader")
        app = self._partition("app")
        own_header = self._chip.read_header(own.offset)
        header = self._chip.read_header(app.offset)
        if (verdict := check_header(self._chip, header)) is not Verdict.GOOD:
            reason = f"the app at {FLASH_BASE + app.offset:#010x} is no good: {verdict.meaning}"
            raise _ToRom(Verdict.GOOD, "[E] app header invalid", reason)
        self._log.level = header.log_level if header.boot_flags else self._release.quietest
        is_checked = not header.has_flag(BootFlag.SKIP_INTEGRITY_CHECK)
        final = _Final(flash_offset(own_header.next_header_address), is_checked)
        if not header.has_flag(BootFlag.SKIP_ESC_CHECK):
            self._check_escape()
        if self._may_skip_upgrade_check(header):
            return self._start(final)
        found = self._find_update(own, app)
        if isinstance(found, ImageHeader):
            return start(self._chip, found)
        return self._install(found, final)

    def _install(self, pending: _Pending, final: _Final) -> Start:
        """Carry out an update; of all that was read before, only this counts from now on."""
        self._chip.watcher.settled(repr((pending, final, self._log.level, self._release)))
        Updater(self._chip, self._log, self._release, pending.app).update(pending.ota)
        self._mark_as_done(pending)
        return self._start(final)

    def _start(self, final: _Final) -> Start:
        header = self._chip.read_header(final.header_offset)
        if final.is_checked:
            self._check_integrity(header)
        return start(self._chip, header)

    def _partition(self, name: str) -> Partition:
        """Find a partition; unlike the app, the bootloader does not look at the table's MD5."""
        try:
            entries = read_entries(self._chip.read(TABLE_OFFSET, SECTOR_SIZE), Origin("flash", TABLE_OFFSET))
        except LoadError as error:
            raise _ToRom(Verdict.GOOD, "[E] partition init error", str(error)) from None
        for entry in entries:
            if entry.name == name:
                return entry
        reason = f"the partition table has no {name}: flash a table with one"
        raise _ToRom(Verdict.GOOD, f"[E] {name} not found", reason)

    def _check_escape(self) -> None:
        self._log.line(Level.DEBUG, "[D] check ESC")
        if is_escape_pressed(self._chip, ESC_WINDOW_NS):
            self._log.line(Level.SILENT, "Secboot Va.2")
            self._log.line(Level.INFO, "[I] ESC pressed")
            raise _ToRom(Verdict.GOOD, "", ESCAPED)

    def _may_skip_upgrade_check(self, header: ImageHeader) -> bool:
        """Tell whether the app asks for it; after an OTA, and when the app is damaged, it is not heard."""
        if not header.has_flag(BootFlag.SKIP_UPGRADE_CHECK) or self._is_expected:
            return False
        return check_body(self._chip, header, flash_offset(header.run_address)) is Verdict.GOOD

    def _find_update(self, own: Partition, app: Partition) -> _Pending | ImageHeader:
        """The update to carry out; without one, the header of the app as it was found good."""
        chip, log = self._chip, self._log
        log.line(Level.DEBUG, "[D] check update")
        app_ota = self._find_app_ota()
        run_verdict, run, run_offset = find_run_image(chip, own.offset)
        if app_ota is None:
            found = Found(Verdict.BAD_ADDRESS, run, run_offset)
        else:
            found = find_ota_image(chip, app_ota.offset)
        ota_verdict, ota = found.verdict, found.header
        log.line(Level.DEBUG, f"[D] run:magic={run.magic:x} addr={run.run_address:x}")
        log.line(Level.DEBUG, f"[D] img: run={ord(run_verdict):02X} ota={ord(ota_verdict):02X}")
        if run_verdict is Verdict.GOOD and ota_verdict is not Verdict.GOOD:
            self._explain(app_ota, found)
            return run
        if app_ota is None or ota_verdict is not Verdict.GOOD:
            reason = f"the app is no good: {run_verdict.meaning}; nor is app_ota: {ota_verdict.meaning}"
            raise _ToRom(run_verdict, "[E] img invalid", reason)
        mark_offset = app_ota.end - SECTOR_SIZE
        mark = int.from_bytes(chip.read(mark_offset, 4), "little")
        same = (run.body_crc, run.header_crc) == (ota.body_crc, ota.header_crc)
        if run_verdict is Verdict.GOOD and (same or ota.body_crc == mark):
            log.line(Level.DEBUG, "[D] no OTA move")
            if self._is_expected:
                why = "is the app that runs already" if same else "was carried out before, as its flag says"
                chip.note(f"no update: that in app_ota {why}")
            return run
        return _Pending(app, ota, mark_offset, mark)

    @property
    def _is_expected(self) -> bool:
        """Whether the app has restarted the chip for an update."""
        return self._chip.reboot_reason & 0xFF == REBOOT_AFTER_OTA

    def _explain(self, app_ota: Partition | None, found: Found) -> None:
        """Tell why the app stays; nobody wonders where there is no image."""
        if app_ota is None:
            if self._is_expected:
                self._chip.note("no update: the partition table has no app_ota")
        elif self._is_expected or is_there(found.header) or found.offset != app_ota.offset:
            reason = fault(self._chip, found.header, found.verdict, found.offset + HEADER_SIZE)
            where = f"{FLASH_BASE + found.offset:#010x} in app_ota"
            self._chip.note(f"no update, the image at {where} is refused: {reason}")

    def _find_app_ota(self) -> Partition | None:
        try:
            return self._partition("app_ota")
        except _ToRom:
            self._log.line(Level.DEBUG, "[D] no app_ota -8")
            return None

    def _mark_as_done(self, pending: _Pending) -> None:
        """Note in app_ota's last sector which image was carried out, well or not: it is not taken again."""
        crc = pending.ota.body_crc
        if crc != pending.mark:
            self._log.line(Level.DEBUG, f"[D] update flag {crc:08X}")
            write_flash(self._chip, pending.mark_offset, crc.to_bytes(4, "little"))

    def _check_integrity(self, header: ImageHeader) -> None:
        self._log.line(Level.DEBUG, "[D] check img")
        verdict = check_body(self._chip, header, flash_offset(header.run_address))
        if verdict is not Verdict.GOOD:
            reason = f"the app that runs at {header.run_address:#010x} is no good: {verdict.meaning}"
            raise _ToRom(verdict, "[E] check fail", reason)
