"""From a reset to the first instruction of the firmware."""

from __future__ import annotations

from emu.isa.state import Control
from emu.machine.board import Board
from emu.machine.boot_access import boot_chip
from peripherals.framework.reset import ResetCause
from roms.boot import boot, boot_rom
from roms.boot_chip import DownloadMode


class BootChain:
    """Runs the modelled mask ROM, and the modelled bootloader unless the real one is to be executed."""

    def __init__(self, board: Board, *, is_bootloader_modelled: bool) -> None:
        self._board = board
        self._boot = boot if is_bootloader_modelled else boot_rom

    def start(self, _cause: ResetCause) -> str | None:
        """Boot. Returns None, or why the mask ROM waits for a download instead.

        The time of the boot code passes at once; what it prints and does to the flash comes at its own times.
        """
        chip = boot_chip(self._board)
        result = self._boot(chip)
        if isinstance(result, DownloadMode):
            chip.console.transmit(result.code.encode())  # the chip repeats it
            return result.reason
        state = self._board.core.state
        state.pc = result.entry & ~1
        state.control[Control.VBR] = result.vector_table
        return None
