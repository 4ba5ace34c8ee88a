"""From a reset to the first instruction of the firmware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, Final

from emu.isa.state import Control
from emu.loader import ImageHeader, RamProgram
from emu.loader.image import HEADER_SIZE, MAGIC
from emu.loader.partition_table import TABLE_MAGIC_BYTES, TABLE_OFFSET
from emu.loader.recognise import BOOTLOADER_OFFSET
from emu.machine.board import Board
from emu.machine.boot_access import boot_chip
from emu.machine.boot_run import BootRun
from emu.memory_map import FLASH_BASE
from peripherals.framework.reset import ResetCause
from roms.boot import boot, boot_app, boot_rom
from roms.boot_chip import BootChip, BootResult, BootWatcher, DownloadMode, Restart, Start, Verdict
from roms.download import DownloadResult, download
from roms.known_bootloaders import identify, is_stand_in, release_to_model


class SecondStage(Enum):
    """Who acts as the second bootloader."""

    AUTO = "auto"
    """The one in the flash, executed, unless it is one that is modelled."""
    MODELLED = "modeled"
    EXECUTED = "executed"
    NONE = "none"
    """Nobody: the app is started as it lies in the flash, updates are not looked for."""


class Outcome(Enum):
    """What boot code has come to."""

    UNDER_WAY = auto()
    STARTED = auto()
    """The CPU executes from now on."""
    RESTARTS = auto()
    """The mask ROM was told to reset the chip."""


@dataclass(frozen=True, slots=True)
class BootOptions:
    """What the boot chain of a machine consists of."""

    second_stage: SecondStage = SecondStage.AUTO
    app_header_offset: int = 0
    """Where in flash the app's header is; for `SecondStage.NONE`."""
    ram: RamProgram | None = None
    """What was downloaded into RAM: the mask ROM starts it once, at power-on."""


BOOT_PIN: Final = 0
"""Of port A: BOOTMODE in the chip's data sheet. Pulled up by the chip; low at a reset means download."""
BAUD_RATE: Final = 115_200

Ask = Callable[[Callable[[], bytes]], bytes]
"""Has the chip answer something, or gives its answer of before."""


class BootChain:
    """Runs the modelled mask ROM, and the modelled bootloader unless a real one is to be executed.

    What its code prints and does to the flash comes at its own times; it stops and goes on like the CPU.
    """

    def __init__(self, board: Board, options: BootOptions | None = None) -> None:
        self._board = board
        self._options = options or BootOptions()
        self._run = BootRun[DownloadResult](board.clock, lambda: board.core.is_stop_requested)
        self._mode: DownloadMode | None = None
        self._gave_up = ""
        self.note: Callable[[str], None] = lambda text: None
        """Gets what the chip does not tell: why an update was not carried out."""
        self.watcher = BootWatcher()

    @property
    def answers(self) -> Sequence[Any]:
        """What the chip has answered the code that runs."""
        return self._run.answers

    @property
    def refusal(self) -> str | None:
        """Why the mask ROM waits for a download; None: it does not."""
        return None if self._mode is None else self._mode.reason

    def begin(self) -> None:
        """The chip was reset."""
        self._mode, self._gave_up = None, ""
        self._run.begin()

    def give_up(self, letter: str) -> None:
        """A real bootloader calls the mask ROM with this letter."""
        self.begin()
        self._gave_up = letter
        self._board.core.reset()

    def go_on(self, cause: ResetCause, until_ns: int | None) -> Outcome:
        """Boot, or wait for a download, up to a time."""
        downloaded = self._options.ram
        if downloaded is not None and cause is ResetCause.POWER_ON and self._board.clock.now_ns == 0:
            self._start_in_ram(downloaded)
            return Outcome.STARTED
        match self._run.go_on(self._boot if self._mode is None else self._download, until_ns):
            case None:
                return Outcome.UNDER_WAY
            case Start() as start:
                self.begin()
                self._go(start.entry, start.vector_table)
                return Outcome.STARTED
            case Restart():
                return Outcome.RESTARTS
            case DownloadMode() as mode:
                self._run.begin()
                self._mode = mode
                return Outcome.UNDER_WAY

    def save(self) -> dict[str, Any]:
        """Take a snapshot: where it is in the code is told by what the code has been answered so far."""
        mode = None if self._mode is None else (str(self._mode.code), self._mode.reason)
        return {"mode": mode, "gave_up": self._gave_up, "answers": self._run.answers[:]}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the code comes there when it goes on."""
        self._mode = None if snapshot["mode"] is None else DownloadMode(*snapshot["mode"])
        self._gave_up = snapshot["gave_up"]
        self._run.begin(snapshot["answers"])

    def _boot(self) -> BootResult:
        chip = boot_chip(self._board, self._run, self.note, self.watcher)
        chip.console.set_baud_rate(BAUD_RATE)
        if self._gave_up:
            result: BootResult = DownloadMode(self._gave_up, _why(self._gave_up))
        elif self._run.ask(lambda: self._board.soc.gpio_a.driven(BOOT_PIN)) is False:
            result = boot_rom(chip, boot_pin_high=False)
        else:
            result = self._second_stage(self._run.ask)[0](chip)
        if isinstance(result, DownloadMode):
            chip.console.transmit(result.code.encode())
        return result

    def _download(self) -> DownloadResult:
        assert self._mode is not None
        return download(boot_chip(self._board, self._run), self._mode)

    def describe(self) -> str:
        """Who acts as the second bootloader at power-on; one phrase."""
        if self._options.ram is not None:
            return "no second bootloader: the program was downloaded to RAM"
        return self._second_stage(lambda chip: chip())[1]

    @property
    def may_execute_bootloader(self) -> bool:
        """Whether a real second bootloader could come to run."""
        return self._options.second_stage in (SecondStage.AUTO, SecondStage.EXECUTED)

    def _second_stage(self, ask: Ask) -> tuple[Callable[[BootChip], BootResult], str]:
        options = self._options
        if options.second_stage is SecondStage.NONE:
            return partial(boot_app, header_offset=options.app_header_offset), "no second bootloader"
        header = ImageHeader.unpack(ask(lambda: self._contents(BOOTLOADER_OFFSET, HEADER_SIZE)))
        has_table = ask(lambda: self._contents(TABLE_OFFSET, 4)) == TABLE_MAGIC_BYTES
        is_known = identify(header) is not None or is_stand_in(header)
        if options.second_stage is SecondStage.MODELLED or (
            options.second_stage is SecondStage.AUTO and is_known
        ):
            release = release_to_model(header, has_partition_table=has_table)
            return partial(boot, release=release), f"{release.name}, modelled"
        if header.magic == MAGIC and header.next_header_address == 0:
            return boot_rom, "no second bootloader"
        return boot_rom, "the second bootloader in the flash, executed"

    def _contents(self, offset: int, size_bytes: int) -> bytes:
        return self._board.outside.read(FLASH_BASE + offset, size_bytes)

    def _start_in_ram(self, program: RamProgram) -> None:
        for piece in program.pieces:
            self._board.outside.write(piece.address, piece.data)
        entry = program.entry
        if entry is None:
            entry = int.from_bytes(self._board.outside.read(program.vector_table, 4), "little")
        self._go(entry, program.vector_table)

    def _go(self, entry: int, vector_table: int) -> None:
        self._board.core.reset(entry & ~1)
        self._board.core.state.control[Control.VBR] = vector_table


def _why(letter: str) -> str:
    why = f": {Verdict(letter).meaning}" if letter in set(Verdict) - {Verdict.GOOD} else ""
    return f"the bootloader went back to it with the letter {letter!r}{why}"
