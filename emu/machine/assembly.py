"""Builds a machine from files and options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

import roms
from emu.bus import GRANULE_BYTES
from emu.cpu.core import EngineFactory
from emu.cpu.interpreter_engine import InterpreterEngine
from emu.cycles import MEASURED, Costs, CyclesPerInstruction, costs_of
from emu.dbt.execution import CoreEvents, Engine, GuestBus
from emu.isa.state import CpuState
from emu.loader import (
    FLASH_SIZES,
    Firmware,
    Image,
    LoadError,
    app_header_address,
    compose_flash,
    load_bootloader,
    load_firmware,
    load_flash_file,
    load_partition_table,
    smallest_flash,
)
from emu.loader.elf import FLASH_BASE, parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.machine.boot_chain import BootOptions, SecondStage
from emu.machine.chip_choice import ChipChoice, choose_chip
from emu.machine.result import MachineError
from emu.machine.symbol_choice import NamedProgram, SymbolChoice
from emu.soc.variants import VARIANTS, find_variant

if TYPE_CHECKING:
    from emu.dbt.region_store import RegionStore

_ROMS = Path(roms.__file__).parent
BUILT_IN_FIRMWARE = _ROMS / "ota_ops" / "ota_ops.fls"
BUILT_IN_PROGRAMS = (_ROMS / "ota_ops" / "ota_ops.elf", _ROMS / "atcmd" / "atcmd.elf")
CRASH_GRACE_NS = 200_000_000
"""How long the firmware's own handler may go on printing after a crash."""

PathLike = str | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineOptions:
    """What a machine is made of; every field has a default."""

    chip: str | None = None
    """A name as people use it (`emu.soc.variants`); None: guessed from the firmware."""
    base: int | None = None
    """Where raw code runs; None: as its vector table says."""
    bootloader: PathLike = SecondStage.AUTO.value
    """`auto`: the firmware's own second bootloader is executed, unless it is one that is modelled; `modeled`;
    `none`: the app starts at once; or the file of a real one, which the CPU then executes."""
    flash_file: PathLike | None = None
    """Flash contents as saved before: taken instead of the firmware's if the file exists."""
    flash_size_bytes: int | None = None
    """Another size than the chip's usual one."""
    partition_table: PathLike | None = None
    """Replaces the firmware's."""
    elf: PathLike | Sequence[PathLike] = ()
    """More programs whose names are to be known, such as the one an update installs."""
    engine: str = "translator"
    """`translator` or `interpreter`."""
    cache: bool | PathLike = True
    """Whether to keep translations on disk, or in which folder."""
    cycles_per_instruction: CyclesPerInstruction = field(default_factory=MEASURED.copy)
    """CPU cycles that an instruction takes: one number, or a mapping with `flash` and `ram`."""
    psram_size_bytes: int = 0
    seed: int = 0
    """Of the chip's random numbers."""
    on_crash: str = "stop"
    """`stop`, or `continue`: report crashes only."""
    crash_grace_ns: int = CRASH_GRACE_NS
    """How long the firmware's own handler may go on after a crash, to print it."""
    recent_branches: bool = False
    """Whether crash reports tell the last branches; what it costs: docs/adr/0006."""


@dataclass(slots=True)
class Parts:
    """What the files and options come to."""

    contents: bytearray
    chip: ChipChoice
    boot: BootOptions
    notes: tuple[str, ...]
    """What was assumed about the firmware; one line each."""
    symbols: SymbolChoice
    make_engine: EngineFactory
    costs: Costs
    translations: RegionStore | None = field(default=None)


def gather(firmware_path: PathLike | None, options: MachineOptions) -> Parts:
    """Read all files; LoadError or MachineError says what is wrong with one or with an option."""
    _check(options)
    firmware = _load(firmware_path, options)
    chip = _chip(firmware, options)
    contents = _flash_contents(firmware, options, _flash_size(firmware, options, chip))
    make_interpreter = partial(InterpreterEngine, leaves_trail=options.recent_branches)
    parts = Parts(
        contents,
        chip,
        _boot_options(firmware, options),
        _notes(firmware_path, firmware, options),
        _symbols(firmware_path, firmware, options),
        make_interpreter,
        _costs(options),
    )
    if options.engine == "translator":
        identity = b"".join(piece.data for piece in firmware.pieces) if firmware else bytes(contents)
        _use_translator(parts, options, identity)
    return parts


def _symbols(path: PathLike | None, firmware: Firmware | None, options: MachineOptions) -> SymbolChoice:
    files = [options.elf] if isinstance(options.elf, PathLike) else list(options.elf)
    if path is None:
        files += BUILT_IN_PROGRAMS
    programs = []
    for file in map(Path, files):
        program = parse_elf(read_file(file), Origin(file.name))
        contents = program.flash_contents
        names = program.symbols, program.lines, program.structures
        programs.append(NamedProgram(program.flash_address, contents, *names))
    if firmware is not None:
        contents = b"".join(piece.data for piece in firmware.ram.pieces) if firmware.ram else b""
        if firmware.app is not None:
            contents = firmware.app.body
        names = firmware.symbols, firmware.lines, firmware.structures
        programs.append(NamedProgram(firmware.run_address, contents, *names))
    return SymbolChoice(programs)


def _check(options: MachineOptions) -> None:
    if options.chip is not None and find_variant(options.chip) is None:
        raise MachineError(f"chip: {options.chip!r} is none of {', '.join(VARIANTS)}")
    for name, value, choices in (
        ("engine", options.engine, ("translator", "interpreter")),
        ("on_crash", options.on_crash, ("stop", "continue")),
        ("flash_size_bytes", options.flash_size_bytes, (None, *FLASH_SIZES)),
    ):
        if value not in choices:
            known = ", ".join(str(choice) for choice in choices if choice is not None)
            raise MachineError(f"{name}: {value!r} is none of {known}")
    if options.psram_size_bytes % GRANULE_BYTES:
        raise MachineError(
            f"psram_size_bytes: {options.psram_size_bytes:#x} is no multiple of {GRANULE_BYTES:#x}"
        )


def _costs(options: MachineOptions) -> Costs:
    try:
        return costs_of(options.cycles_per_instruction)
    except ValueError as error:
        raise MachineError(f"cycles_per_instruction: {error}") from None


def _chip(firmware: Firmware | None, options: MachineOptions) -> ChipChoice:
    variant = None if options.chip is None else find_variant(options.chip)
    return choose_chip(firmware) if variant is None else ChipChoice(variant)


def _flash_size(firmware: Firmware | None, options: MachineOptions, chip: ChipChoice) -> int:
    """As asked for; else the chip's, or more where a guessed chip has less than the firmware takes."""
    if options.flash_size_bytes is not None:
        return options.flash_size_bytes
    usual = chip.variant.flash_size_bytes
    if firmware is None or (options.chip is not None and chip.variant.has_flash):
        return usual
    needed = smallest_flash(firmware) or usual
    return needed if firmware.is_whole_flash else max(usual, needed)


def _boot_options(firmware: Firmware | None, options: MachineOptions) -> BootOptions:
    stages = {stage.value: stage for stage in SecondStage if stage is not SecondStage.EXECUTED}
    stages["modelled"] = SecondStage.MODELLED  # both spellings are in use
    stage = stages.get(str(options.bootloader).lower(), SecondStage.EXECUTED)
    if firmware is None:
        return BootOptions(stage)
    return BootOptions(stage, app_header_address(firmware) - FLASH_BASE, firmware.ram)


def _load(path: PathLike | None, options: MachineOptions) -> Firmware | None:
    if path is None and _has_flash_file(options):
        return _firmware_in(Path(str(options.flash_file)))
    table = None if options.partition_table is None else load_partition_table(Path(options.partition_table))
    return load_firmware(
        BUILT_IN_FIRMWARE if path is None else Path(path), partition_table=table, base=options.base
    )


def _has_flash_file(options: MachineOptions) -> bool:
    return options.flash_file is not None and Path(options.flash_file).exists()


def _firmware_in(flash_file: Path) -> Firmware | None:
    """What saved flash contents hold; None for contents without a firmware."""
    try:
        firmware = load_firmware(flash_file)
    except LoadError:
        return None
    return firmware if firmware.is_whole_flash else None


def _notes(path: PathLike | None, firmware: Firmware | None, options: MachineOptions) -> tuple[str, ...]:
    notes = firmware.notes if firmware else ()
    if path is None or not _has_flash_file(options):
        return notes
    return (*notes, f"the flash holds what {options.flash_file} says; {path} gives names only")


def _flash_contents(firmware: Firmware | None, options: MachineOptions, size_bytes: int) -> bytearray:
    if options.flash_file is not None and _has_flash_file(options):
        if _boot_options(firmware, options).second_stage is SecondStage.EXECUTED:
            raise MachineError(
                f"bootloader: {options.flash_file} holds the flash with its bootloader: leave one of them out"
            )
        return load_flash_file(Path(options.flash_file), size_bytes)
    assert firmware is not None
    bootloader: Image | None = None
    if _boot_options(firmware, options).second_stage is SecondStage.EXECUTED:
        bootloader = load_bootloader(Path(options.bootloader), app_header_address(firmware))
    return compose_flash(firmware, size_bytes, bootloader=bootloader)


def _use_translator(parts: Parts, options: MachineOptions, identity: bytes) -> None:
    from emu.dbt.engine import TranslatorEngine  # Unicorn takes its time to load
    from emu.dbt.region_store import RegionStore

    if options.cache is not False:
        folder = user_cache_path("w800emu") if options.cache is True else Path(options.cache)
        if options.recent_branches:
            identity += b"leaves a trail"
        if parts.costs.flash != parts.costs.ram:
            identity += b"costs %d and %d" % (parts.costs.flash, parts.costs.ram)
        parts.translations = RegionStore(folder, identity)

    def make_engine(state: CpuState, bus: GuestBus, events: CoreEvents) -> Engine:
        return TranslatorEngine(state, bus, events, parts.translations, leaves_trail=options.recent_branches)

    parts.make_engine = make_engine
