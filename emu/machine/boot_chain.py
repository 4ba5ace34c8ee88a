"""From a reset to the first instruction of the firmware."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from emu.isa.state import Control
from emu.loader import ImageHeader, RamProgram
from emu.loader.image import HEADER_SIZE, MAGIC
from emu.loader.partition_table import TABLE_MAGIC_BYTES, TABLE_OFFSET
from emu.loader.recognise import BOOTLOADER_OFFSET
from emu.machine.board import Board
from emu.machine.boot_access import boot_chip
from peripherals.framework.reset import ResetCause
from roms.boot import boot, boot_app, boot_rom
from roms.boot_chip import BootChip, BootResult, DownloadMode
from roms.known_bootloaders import identify, is_stand_in, release_to_model


class SecondStage(Enum):
    """Who acts as the second bootloader."""

    AUTO = "auto"
    """The one in the flash, executed, unless it is one that is modelled."""
    MODELLED = "modeled"
    EXECUTED = "executed"
    NONE = "none"
    """Nobody: the app is started as it lies in the flash, updates are not looked for."""


@dataclass(frozen=True, slots=True)
class BootOptions:
    """What the boot chain of a machine consists of."""

    second_stage: SecondStage = SecondStage.AUTO
    app_header_offset: int = 0
    """Where in flash the app's header is; for `SecondStage.NONE`."""
    ram: RamProgram | None = None
    """What was downloaded into RAM: the mask ROM starts it once, at power-on."""


class BootChain:
    """Runs the modelled mask ROM, and the modelled bootloader unless a real one is to be executed."""

    def __init__(self, board: Board, options: BootOptions | None = None) -> None:
        self._board = board
        self._options = options or BootOptions()
        self.note: Callable[[str], None] = lambda text: None
        """Gets what the chip does not tell: why an update was not carried out."""

    def start(self, cause: ResetCause) -> str | None:
        """Boot. Returns None, or why the mask ROM waits for a download instead.

        The time of the boot code passes at once; what it prints and does to the flash comes at its own times.
        """
        downloaded = self._options.ram
        if downloaded is not None and cause is ResetCause.POWER_ON and self._board.clock.now_ns == 0:
            self._start_in_ram(downloaded)
            return None
        chip = boot_chip(self._board, self.note)
        result = self._second_stage()[0](chip)
        if isinstance(result, DownloadMode):
            chip.console.transmit(result.code.encode())  # the chip repeats it
            return result.reason
        self._go(result.entry, result.vector_table)
        return None

    def describe(self) -> str:
        """Who acts as the second bootloader at power-on; one phrase."""
        if self._options.ram is not None:
            return "no second bootloader: the program was downloaded to RAM"
        return self._second_stage()[1]

    @property
    def may_execute_bootloader(self) -> bool:
        """Whether a real second bootloader could come to run."""
        return self._options.second_stage in (SecondStage.AUTO, SecondStage.EXECUTED)

    def _second_stage(self) -> tuple[Callable[[BootChip], BootResult], str]:
        options = self._options
        if options.second_stage is SecondStage.NONE:
            return partial(boot_app, header_offset=options.app_header_offset), "no second bootloader"
        header = self._header_at(BOOTLOADER_OFFSET)
        is_known = identify(header) is not None or is_stand_in(header)
        if options.second_stage is SecondStage.MODELLED or (
            options.second_stage is SecondStage.AUTO and is_known
        ):
            release = release_to_model(header, has_partition_table=self._has_partition_table())
            return partial(boot, release=release), f"{release.name}, modelled"
        if header.magic == MAGIC and header.next_header_address == 0:
            return boot_rom, "no second bootloader"
        return boot_rom, "the second bootloader in the flash, executed"

    def _has_partition_table(self) -> bool:
        return self._board.flash.contents[TABLE_OFFSET : TABLE_OFFSET + 4] == TABLE_MAGIC_BYTES

    def _header_at(self, offset: int) -> ImageHeader:
        return ImageHeader.unpack(bytes(self._board.flash.contents[offset : offset + HEADER_SIZE]))

    def _start_in_ram(self, program: RamProgram) -> None:
        for piece in program.pieces:
            self._board.outside.write(piece.address, piece.data)
        entry = program.entry
        if entry is None:
            entry = int.from_bytes(self._board.outside.read(program.vector_table, 4), "little")
        self._go(entry, program.vector_table)

    def _go(self, entry: int, vector_table: int) -> None:
        state = self._board.core.state
        state.pc = entry & ~1
        state.control[Control.VBR] = vector_table
