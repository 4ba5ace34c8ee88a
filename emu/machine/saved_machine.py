"""A machine as a file: what it was made of, and a snapshot."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emu.history.snapshot import Snapshot
from emu.history.state_file import FileKind, read_tree, write_tree
from emu.loader import LoadError
from emu.machine.assembly import Parts, choose, choose_engine
from emu.machine.errors import MachineError
from emu.machine.setup import OF_THE_BOARD, network_of, parts_of
from emu.options import MachineOptions

if TYPE_CHECKING:
    from emu.machine.machine import Machine

OF_THE_ENGINE: Final = ("engine", "cache", "recent_branches", "skip_polls", "flash_rules")
"""Options that change nothing of what happens."""
_OF_THE_RUN: Final = ("on_crash", "crash_grace_ns", "max_resets", "on_download", *OF_THE_ENGINE)
UNFIT: Final = (
    *(LookupError, TypeError, ValueError, AttributeError, OverflowError),
    *(struct.error, MachineError, LoadError),
)
"""What building and restoring raise for a tree that is not what this emulator saves."""


def choose_for_saved(given: MachineOptions) -> MachineOptions:
    """The options given and the defaults of the others; MachineError for one that the saved machine has."""
    for name in given:
        if name not in _OF_THE_RUN and name in MachineOptions.__annotations__:
            raise MachineError(f"{name}: the saved machine has its own: leave it out")
    return choose(given)


def save_machine(path: Path, made_from: dict[str, Any] | None, snapshot: Snapshot) -> None:
    """Write a machine to a file, at once or not at all; MachineError for one that was not loaded."""
    if made_from is None:
        raise MachineError("save_state: this machine was not loaded: nobody could build it again")
    write_tree(path, FileKind.STATE, {"made_from": made_from, "snapshot": snapshot.tree()})


def saved_machine(
    path: Path, options: MachineOptions, make: Callable[[Parts, MachineOptions], Machine]
) -> Machine:
    """Build the machine of a file, and put it where it was; LoadError for a file that holds none."""
    tree = read_tree(path, FileKind.STATE)
    try:
        return machine_at(tree["made_from"], Snapshot.of(tree["snapshot"]), options, make)
    except UNFIT as error:
        raise unfit(path, error) from None


def machine_at(
    made_from: dict[str, Any],
    snapshot: Snapshot,
    options: MachineOptions,
    make: Callable[[Parts, MachineOptions], Machine],
) -> Machine:
    """Build a machine, and put it where it was; one of `UNFIT` for what does not fit together."""
    board = {name: made_from["options"][name] for name in OF_THE_BOARD}
    chosen: Any = {**options, **board, "network": network_of(made_from)}
    parts = parts_of(made_from, chosen)
    choose_engine(parts, chosen)
    machine = make(parts, chosen)
    machine.restore(snapshot)
    return machine


def unfit(path: Path, error: BaseException) -> LoadError:
    """The error for a file that is whole, but holds something else than this emulator saves."""
    return LoadError(f"{path.name}: does not fit this emulator ({error}): save it anew")
