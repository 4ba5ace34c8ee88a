"""The machine of `w800emu run`: built as the options say, with what is kept of it at the end."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from emu.cli.run_kind import RunKind
from emu.cli.run_options import RunOptions
from emu.host.message import tell
from emu.loader import write_atomically
from emu.machine import Machine
from emu.machine.demo import (
    OVER_THE_AIR_FIRMWARE,
    OVER_THE_AIR_PROGRAMS,
    over_the_air_network,
    serve_update,
)
from emu.options import MachineOptions

USUAL_FLASH: Final = 2 << 20
"""Bytes of a new board's."""
OVER_THE_AIR: Final = "ota_http"


def machine_of(options: RunOptions, kind: RunKind, stack: ExitStack) -> Machine:
    """Build or load it; its flash is saved when the stack ends, if that is wanted."""
    flash_file = options.machine.get("flash_file")
    if kind.is_empty_board and flash_file is not None:
        size_bytes = options.machine.get("flash_size_bytes") or USUAL_FLASH
        write_atomically(Path(flash_file), b"\xff" * size_bytes)
        tell(f"{flash_file} is new: an erased flash, which is saved at the end")
    machine = stack.enter_context(_loaded(options, kind))
    if options.record is not None:
        machine.record(None if options.hash_every is None else options.hash_every / 1e9)
    if (options.save_flash or kind.is_empty_board) and flash_file is not None:
        machine.save_flash(flash_file)  # now, to find out whether it can be written
        stack.callback(machine.save_flash, flash_file)
    if not kind.is_demo:
        for line in machine.setup:
            tell(line)
    _check_parts(machine, options)
    return machine


def _check_parts(machine: Machine, options: RunOptions) -> None:
    """Tell before the run of parts that cannot do at its end what is asked of them."""
    if options.screenshot or options.save_part:
        from emu.machine.part_files import check_holds  # few need them
        from emu.machine.pictures import check_shows

        for each in options.screenshot:
            check_shows(machine, each.part)
        for name, _ in options.save_part:
            check_holds(machine, name)


def _loaded(options: RunOptions, kind: RunKind) -> Machine:
    given: MachineOptions = {**options.machine}
    if kind.can_download:
        given.setdefault("on_download", "wait")
    if options.load_state is not None:
        return Machine.load_state(options.load_state, **given)
    if options.demo != OVER_THE_AIR:
        return Machine.load(options.firmware, **given)
    network = given.get("network")
    if network is None:
        given["network"] = over_the_air_network()
    else:
        serve_update(network)
    given.setdefault("elf", OVER_THE_AIR_PROGRAMS)
    return Machine.load(OVER_THE_AIR_FIRMWARE, **given)
