"""What a machine was made of, as plain data: the same machine can be made of it without any of its files."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from emu.cycles import Costs
from emu.engine.interpreter_engine import InterpreterEngine
from emu.inspect.symbol_choice import NamedProgram, SymbolChoice
from emu.loader import MemoryPiece, RamProgram, Symbols
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.machine.assembly import Parts
from emu.machine.boot_chain import BootOptions, SecondStage
from emu.machine.chip_choice import ChipChoice
from emu.network.network import Network
from emu.options import MachineOptions
from emu.soc.variants import VARIANTS

OF_THE_BOARD = ("psram_size_bytes", "seed", "flash_times")
"""The options that boards are made with; the others have come to something else by then."""
OF_THE_STORY = ("on_crash", "crash_grace_ns", "max_resets", "on_download")
"""Options that decide where runs end: a replay has the same."""


def setup_of(parts: Parts, options: MachineOptions) -> dict[str, Any]:
    """What the files and options have come to, but for the flash contents; of plain data."""
    boot, costs = parts.boot, parts.costs
    ram = None
    if boot.ram is not None:
        pieces = [(piece.address, piece.data) for piece in boot.ram.pieces]
        ram = {"pieces": pieces, "vector_table": boot.ram.vector_table, "entry": boot.ram.entry}
    chosen: dict[str, Any] = dict(options)
    return {
        "chip": parts.chip.variant.name,
        "chip_reason": parts.chip.reason,
        "flash_size_bytes": len(parts.contents),
        "second_stage": boot.second_stage.value,
        "app_header_offset": boot.app_header_offset,
        "ram": ram,
        "cycles": (costs.flash, costs.ram, str(costs.cycles_per_unit)),
        "identity": parts.identity,
        "notes": list(parts.notes),
        "programs": [(each.address, each.contents, each.elf) for each in parts.symbols.programs],
        "network": None if options["network"] is None else options["network"].plain(),
        "options": {name: chosen[name] for name in (*OF_THE_BOARD, *OF_THE_STORY)},
    }


def network_of(setup: dict[str, Any]) -> Network | None:
    """The network again, without the functions behind its ports."""
    return None if setup["network"] is None else Network.of(setup["network"])


def parts_of(setup: dict[str, Any], options: MachineOptions) -> Parts:
    """The parts again, with an erased flash and the interpreter."""
    boot, ram = BootOptions(SecondStage(setup["second_stage"]), setup["app_header_offset"]), setup["ram"]
    if ram is not None:
        pieces = tuple(MemoryPiece(address, data) for address, data in ram["pieces"])
        program = RamProgram(pieces, ram["vector_table"], ram["entry"])
        boot = BootOptions(boot.second_stage, boot.app_header_offset, program)
    flash, ram_cost, unit = setup["cycles"]
    return Parts(
        bytearray(b"\xff" * setup["flash_size_bytes"]),
        ChipChoice(VARIANTS[setup["chip"]], setup["chip_reason"]),
        boot,
        tuple(setup["notes"]),
        SymbolChoice(programs_of(setup)),
        setup["identity"],
        partial(InterpreterEngine, notes_flow=options["recent_branches"]),
        Costs(flash, ram_cost, Fraction(unit)),
    )


def programs_of(setup: dict[str, Any]) -> tuple[NamedProgram, ...]:
    """The programs that are known by name."""
    return tuple(_program(*each) for each in setup["programs"])


def _program(address: int, contents: bytes, elf: bytes) -> NamedProgram:
    if not elf:
        return NamedProgram(address, contents, Symbols())
    program = parse_elf(elf, Origin("ELF file"))
    names = program.symbols, program.lines, program.structures, program.call_frames, elf
    return NamedProgram(address, contents, *names)
