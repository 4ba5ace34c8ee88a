"""Whether runs with the parts of a board are the same each time: a check of parts of other packages."""

from __future__ import annotations

from typing import Final

from emu.machine.machine import Machine
from emu.options import PathLike

_COMPARISONS: Final = 10


def first_difference(firmware: PathLike | None, board: PathLike, time_ns: int) -> str:
    """Run firmware on a board twice, once with snapshots put back on the way; empty: it is the same."""
    first, second = pair = [Machine.load(firmware, board=board) for _ in range(2)]
    try:
        for number in range(1, _COMPARISONS + 1):
            for machine in pair:
                machine.run(time_ns // _COMPARISONS)
            second.restore(second.snapshot())
            one, other = first.snapshot(), second.snapshot()
            if one.state_hash() != other.state_hash():
                states = [{name: part.save() for name, part in machine.parts.items()} for machine in pair]
                differ = [name for name in first.parts if states[0][name] != states[1][name]]
                parts = ", ".join(differ)
                where = f"of {parts} " if parts else ""
                before = time_ns * (number - 1) // _COMPARISONS / 1e9
                return f"the state {where}is another one some time after {before:g} s"
    finally:
        first.close()
        second.close()
    return ""
