"""Whether runs with the parts of a board are the same each time: a check of parts of other packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from emu.machine.machine import Machine
from emu.options import PathLike
from emu.parts.part import Part

_COMPARISONS: Final = 10


Runner = Callable[[int], object]
"""Lets a machine run for so many nanoseconds."""


def first_difference(
    firmware: PathLike | None,
    board: PathLike,
    time_ns: int,
    runner_of: Callable[[Machine], Runner] = lambda machine: machine.run,
) -> str:
    """Run firmware on a board twice, once with snapshots put back on the way; empty: it is the same.

    So is what changes in a part and is not named in its `saved_state`: snapshots lose it.

    `runner_of` gives what lets a machine run, and has it do something on the way.
    """
    first, second = pair = [Machine.load(firmware, board=board) for _ in range(2)]
    try:
        runners = [runner_of(machine) for machine in pair]
        unsaved = {name: unsaved_data(part) for name, part in first.parts.items()}
        for number in range(1, _COMPARISONS + 1):
            for run in runners:
                run(time_ns // _COMPARISONS)
            second.restore(second.snapshot())
            one, other = first.snapshot(), second.snapshot()
            if one.state_hash() != other.state_hash():
                states = [{name: part.save() for name, part in machine.parts.items()} for machine in pair]
                differ = [name for name in first.parts if states[0][name] != states[1][name]]
                parts = ", ".join(differ)
                where = f"of {parts} " if parts else ""
                before = time_ns * (number - 1) // _COMPARISONS / 1e9
                return f"the state {where}is another one some time after {before:g} s"
        return forgotten_data(first, unsaved)
    finally:
        first.close()
        second.close()


def unsaved_data(part: Part) -> dict[str, str]:
    """The plain data of a part that is in no snapshot."""
    apart = ("settings", *part.saved_state)
    return {name: repr(value) for name, value in vars(part).items() if name not in apart and _is_plain(value)}


def _is_plain(value: object) -> bool:
    return isinstance(value, bool | int | float | str | bytes | bytearray | list | tuple | dict | set)


def forgotten_data(machine: Machine, before: dict[str, dict[str, str]]) -> str:
    """Tell the first of these, by the names of the parts, that is not what it was before; empty: all are."""
    for name, part in machine.parts.items():
        for attribute, value in unsaved_data(part).items():
            if before[name].get(attribute) != value:
                return f"{name}: `{attribute}` changes, but is not in its saved_state: snapshots lose it"
    return ""
