"""Whether runs with the parts of a board are the same each time: a check of parts of other packages."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import Final

from emu.history.encoding import digest
from emu.machine.machine import Machine
from emu.options import PathLike
from emu.parts.part import Part

_COMPARISONS: Final = 10
_OTHER_PROCESSES: Final = 2
"""Two texts in a set change places in every other process."""

Runner = Callable[[int], object]
"""Lets a machine run for so many nanoseconds."""


def first_difference(
    firmware: PathLike | None,
    board: PathLike,
    time_ns: int,
    runner_of: Callable[[Machine], Runner] = lambda machine: machine.run,
) -> str:
    """Run firmware on a board twice, once with snapshots put into new parts; empty: it is the same.

    What changes in a part and is not named in its `saved_state` is told, too: snapshots lose it.

    `runner_of` gives what lets a machine run, and has it do something on the way.
    """
    first, second = pair = [Machine.load(firmware, board=board) for _ in range(2)]
    try:
        runners = [runner_of(machine) for machine in pair]
        unsaved = {name: unsaved_data(part) for name, part in first.parts.items()}
        for number in range(1, _COMPARISONS + 1):
            for run in runners:
                run(time_ns // _COMPARISONS)
            before = second.snapshot()
            second.parts.forget()
            second.restore(before)
            one, other = first.snapshot(), second.snapshot()
            if one.state_hash() != other.state_hash():
                if forgotten := forgotten_data(first, unsaved):
                    return forgotten
                where = _where([_states(machine) for machine in pair])
                since_s = time_ns * (number - 1) // _COMPARISONS / 1e9
                return f"the state {where}is another one some time after {since_s:g} s"
        return forgotten_data(first, unsaved)
    finally:
        first.close()
        second.close()


def difference_of_processes(
    firmware: PathLike | None, board: PathLike, time_ns: int, runner_of: Callable[[Machine], Runner]
) -> str:
    """Run firmware on a board here and in other processes; empty: all of them come to the same state.

    Texts have other hashes there, and sets of them another order, unless PYTHONHASHSEED says otherwise.
    `runner_of` goes to other processes, too: it can be pickled.
    """
    given = (firmware, board, time_ns, runner_of)
    with ProcessPoolExecutor(_OTHER_PROCESSES, get_context("spawn"), max_tasks_per_child=1) as pool:
        others = pool.map(_end_of_run, *(repeat(each, _OTHER_PROCESSES) for each in given))
        ends = [_end_of_run(*given), *others]
    if len({state for state, _ in ends}) == 1:
        return ""
    where = _where([parts for _, parts in ends])
    return f"the state {where}is another one in another process, where sets of texts have another order"


def _end_of_run(
    firmware: PathLike | None, board: PathLike, time_ns: int, runner_of: Callable[[Machine], Runner]
) -> tuple[str, dict[str, str]]:
    with Machine.load(firmware, board=board) as machine:
        runner_of(machine)(time_ns)
        return machine.snapshot().state_hash(), _states(machine)


def _states(machine: Machine) -> dict[str, str]:
    return {name: digest(part.save()) for name, part in machine.parts.items()}


def _where(states: list[dict[str, str]]) -> str:
    """The parts whose states are not all the same, for a sentence."""
    differ = ", ".join(name for name in states[0] if len({each[name] for each in states}) > 1)
    return f"of {differ} " if differ else ""


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
