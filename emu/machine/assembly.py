"""Builds a machine from files and options."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from emu.cache.translations import Translations
from emu.cycles import Costs, costs_of
from emu.engine.contract import CoreEvents, Engine, EngineFactory, GuestBus
from emu.engine.interpreter_engine import InterpreterEngine
from emu.inspect.symbol_choice import NamedProgram, SymbolChoice
from emu.isa.state import CpuState
from emu.loader import (
    FLASH_SIZES,
    Firmware,
    Image,
    LoadError,
    app_header_address,
    compose_flash,
    flash_into,
    holds_firmware,
    load_bootloader,
    load_firmware,
    load_flash_file,
    load_partition_table,
    smallest_flash,
)
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.machine.attachments import Attachments
from emu.machine.board import Board, BoardOptions
from emu.machine.boot_chain import BootOptions, SecondStage
from emu.machine.chip_choice import ChipChoice, choose_chip
from emu.machine.demo import BUILT_IN_FIRMWARE, BUILT_IN_PROGRAMS
from emu.machine.errors import MachineError
from emu.memory_map import FLASH_BASE
from emu.options import PSRAM_SIZES, MachineOptions, PathLike, complete
from emu.soc.variants import VARIANTS, find_variant
from peripherals.nor_flash import FLASH_TIMINGS

if TYPE_CHECKING:
    from emu.dbt.region_store import RegionStore


class HasParts(Protocol):
    """A machine."""

    parts: Attachments


M = TypeVar("M", bound=HasParts)


@dataclass(slots=True)
class Parts:
    """What the files and options come to."""

    contents: bytearray
    chip: ChipChoice
    boot: BootOptions
    notes: tuple[str, ...]
    """What was assumed about the firmware; one line each."""
    symbols: SymbolChoice
    identity: bytes
    """Of the firmware: 32 bytes."""
    make_engine: EngineFactory
    costs: Costs
    translations: RegionStore | None = field(default=None)

    def make_board(self, options: MachineOptions) -> Board:
        """The chip with its flash."""
        variant = self.chip.variant
        return Board(
            self.contents,
            BoardOptions(
                self.make_engine,
                self.costs,
                options["psram_size_bytes"] or variant.psram_size_bytes,
                options["seed"],
                FLASH_TIMINGS[options["flash_times"]],
                variant.absent,
                options["network"],
            ),
        )


def gather(firmware_path: PathLike | None, options: MachineOptions) -> Parts:
    """Read all files; LoadError or MachineError says what is wrong with one.

    The options are all there, as `choose` gives them.
    """
    if options["reflash"] and (firmware_path is None or options["flash_file"] is None):
        raise MachineError("reflash: needs a firmware, and a flash file to write it into")
    firmware = _load(firmware_path, options)
    chip = _chip(firmware, options)
    _check_network(options, chip)
    contents = _flash_contents(firmware, options, _flash_size(firmware, options, chip))
    code = b"".join(piece.data for piece in firmware.pieces) if firmware else bytes(contents)
    parts = Parts(
        contents,
        chip,
        _boot_options(firmware, options),
        _notes(firmware_path, firmware, options, contents),
        _symbols(firmware_path, firmware, options),
        sha256(code).digest(),
        partial(InterpreterEngine, notes_flow=options["recent_branches"]),
        _costs(options),
    )
    choose_engine(parts, options)
    return parts


def choose_engine(parts: Parts, options: MachineOptions) -> None:
    """Let the parts have the engine that the options ask for; they have the interpreter so far."""
    if options["engine"] == "translator":
        _use_translator(parts, options)


def _symbols(path: PathLike | None, firmware: Firmware | None, options: MachineOptions) -> SymbolChoice:
    elf = options["elf"]
    files = [elf] if isinstance(elf, PathLike) else list(elf)
    if path is None:
        files += BUILT_IN_PROGRAMS
    programs = []
    for file in map(Path, files):
        program = parse_elf(read_file(file), Origin(file.name))
        contents = program.flash_contents
        names = program.symbols, program.lines, program.structures, program.call_frames, program.data
        programs.append(NamedProgram(program.flash_address, contents, *names))
    if firmware is not None:
        contents = b"".join(piece.data for piece in firmware.ram.pieces) if firmware.ram else b""
        if firmware.app is not None:
            contents = firmware.app.body
        names = firmware.symbols, firmware.lines, firmware.structures, firmware.call_frames, firmware.elf
        programs.append(NamedProgram(firmware.run_address, contents, *names))
    return SymbolChoice(programs)


def choose(given: MachineOptions) -> MachineOptions:
    """The options given and the defaults of the others; MachineError for one that cannot be."""
    try:
        options = complete(given)
        if options["board"] is not None:
            from emu.boards import read_board  # most runs are of a bare chip

            options = complete({**read_board(options["board"]).options, **given})
    except ValueError as error:
        raise MachineError(str(error)) from None
    _check(options)
    return options


def fit_board(machine: M, board: PathLike | None) -> M:
    """Attach the parts of a board; gives the machine. LoadError names the line of what does not fit."""
    if board is None:
        return machine
    from emu.boards import read_board
    from emu.machine.part_files import load_part

    found = read_board(board)
    for each in found.parts:
        try:
            part = machine.parts.attach(each.make(), name=each.name, **each.wires)
            if each.image is not None:
                load_part(part, each.image)
        except (LoadError, MachineError) as error:
            raise LoadError(f"{found.path}, line {each.line}: {error}") from None
    return machine


def _check(options: MachineOptions) -> None:
    chip, base = options["chip"], options["base"]
    if chip is not None and find_variant(chip) is None:
        raise MachineError(f"chip: {chip!r} is none of {', '.join(VARIANTS)}")
    if base is not None and base >> 32:
        raise MachineError(f"base: {base:#x} is no 32-bit address")
    for name, value, choices in (
        ("flash_size_bytes", options["flash_size_bytes"], (None, *FLASH_SIZES)),
        ("psram_size_bytes", options["psram_size_bytes"], PSRAM_SIZES),
    ):
        if value not in choices:
            known = ", ".join(f"{choice >> 20}M" for choice in choices if choice)
            raise MachineError(f"{name}: {value:,} bytes is none of {known}")


def _check_network(options: MachineOptions, chip: ChipChoice) -> None:
    network = options["network"]
    if network is None:
        return
    if not chip.variant.has_radio:
        raise MachineError(f"network: a {chip.variant.name} has no radio: leave it out, or choose a chip")
    if any(ap.password is not None for ap in network.access_points) and find_spec("Crypto") is None:
        raise MachineError(
            "network: WPA needs pycryptodome: pip install w800emu[crypto], or leave out passwords"
        )


def _costs(options: MachineOptions) -> Costs:
    try:
        return costs_of(options["cycles_per_instruction"])
    except ValueError as error:
        raise MachineError(f"cycles_per_instruction: {error}") from None


def _chip(firmware: Firmware | None, options: MachineOptions) -> ChipChoice:
    variant = None if options["chip"] is None else find_variant(options["chip"])
    return choose_chip(firmware) if variant is None else ChipChoice(variant)


def _flash_size(firmware: Firmware | None, options: MachineOptions, chip: ChipChoice) -> int:
    """As asked for; else the chip's, or more where a guessed chip has less than the firmware takes."""
    if options["flash_size_bytes"] is not None:
        return options["flash_size_bytes"]
    usual = chip.variant.flash_size_bytes
    if firmware is None or (options["chip"] is not None and chip.variant.has_flash):
        return usual
    needed = smallest_flash(firmware) or usual
    return needed if firmware.is_whole_flash else max(usual, needed)


def _boot_options(firmware: Firmware | None, options: MachineOptions) -> BootOptions:
    stages = {stage.value: stage for stage in SecondStage if stage is not SecondStage.EXECUTED}
    stages["modelled"] = SecondStage.MODELLED  # both spellings are in use
    stage = stages.get(str(options["bootloader"]).lower(), SecondStage.EXECUTED)
    if firmware is None:
        return BootOptions(stage)
    return BootOptions(stage, app_header_address(firmware) - FLASH_BASE, firmware.ram)


def _load(path: PathLike | None, options: MachineOptions) -> Firmware | None:
    if path is None and _has_flash_file(options):
        return _firmware_in(Path(str(options["flash_file"])))
    table = options["partition_table"]
    return load_firmware(
        BUILT_IN_FIRMWARE if path is None else Path(path),
        partition_table=None if table is None else load_partition_table(Path(table)),
        base=options["base"],
    )


def _has_flash_file(options: MachineOptions) -> bool:
    flash_file = options["flash_file"]
    return flash_file is not None and Path(flash_file).exists()


def _firmware_in(flash_file: Path) -> Firmware | None:
    """What saved flash contents hold; None for contents without a firmware."""
    try:
        firmware = load_firmware(flash_file)
    except LoadError:
        return None
    return firmware if firmware.is_whole_flash else None


def _notes(
    path: PathLike | None, firmware: Firmware | None, options: MachineOptions, contents: bytearray
) -> tuple[str, ...]:
    notes = firmware.notes if firmware else ()
    if path is None or firmware is None or options["flash_file"] is None:
        return notes
    if not _has_flash_file(options):
        return (*notes, f"{options['flash_file']} is not there yet: the flash is what {path} makes of it")
    what = f"the flash is that of {options['flash_file']}"
    if options["reflash"]:
        return (*notes, f"{what}, with {path} flashed into it")
    if holds_firmware(contents, firmware):
        return (*notes, f"{what}, which holds {path}")
    return (*notes, f"{what}, which holds another program than {path}: --reflash flashes that into it")


def _flash_contents(firmware: Firmware | None, options: MachineOptions, size_bytes: int) -> bytearray:
    flash_file = options["flash_file"]
    if flash_file is not None and _has_flash_file(options):
        if _boot_options(firmware, options).second_stage is SecondStage.EXECUTED:
            raise MachineError(
                f"bootloader: {flash_file} holds the flash with its bootloader: leave one of them out"
            )
        contents = load_flash_file(Path(flash_file), size_bytes)
        if options["reflash"] and firmware is not None:
            flash_into(contents, firmware)
        return contents
    assert firmware is not None
    bootloader: Image | None = None
    if _boot_options(firmware, options).second_stage is SecondStage.EXECUTED:
        bootloader = load_bootloader(Path(options["bootloader"]), app_header_address(firmware))
    return compose_flash(firmware, size_bytes, bootloader=bootloader)


def _use_translator(parts: Parts, options: MachineOptions) -> None:
    from emu.dbt.engine import TranslatorEngine  # Unicorn takes its time to load
    from emu.dbt.region_store import RegionStore
    from emu.dbt.translation_options import TranslationOptions

    cache, translation = options["cache"], TranslationOptions(notes_flow=options["recent_branches"])
    shared = cache if isinstance(cache, Translations) else Translations(cache)
    if cache is True and shared.folder is None:
        parts.notes += ("without a home directory no translations are kept",)
    made_for = parts.identity, translation, (parts.costs.flash, parts.costs.ram)
    parts.translations = shared.store(made_for, lambda folder: RegionStore(folder, *made_for))

    def make_engine(state: CpuState, bus: GuestBus, events: CoreEvents) -> Engine:
        engine = TranslatorEngine(state, bus, events, parts.translations, translation)
        engine.skips_polls &= options["skip_polls"]
        return engine

    parts.make_engine = make_engine
