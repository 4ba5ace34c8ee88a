"""What is said about a run after its end, on stderr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from emu.host.message import tell
from emu.loader import LoadError, write_atomically
from emu.machine import CrashReport, Machine
from emu.quantities import format_duration
from emu.report.crash import CrashKind
from emu.report.reset import BOOT_LOOP_RESETS
from emu.soc.support import meaning_of

RAMDUMP_COMMAND: Final = b"\0ramdump\0"
"""What its exception handler waits for (wm_debug.c)."""


def report_unmodelled(machine: Machine) -> None:
    """List the hardware without a model that the firmware has used."""
    uses = machine.board.log.uses
    for name, use in sorted(uses.items(), key=lambda item: -item[1].count):
        meaning = meaning_of(name)
        tell(f"not modelled: {name}: {use}" + (f" ({meaning})" if meaning else ""))
    if not uses:
        tell("not modelled: nothing that was used")


def tell_resets(machine: Machine, most: int | None, say: Callable[[str], None]) -> None:
    """Say a line for every reset that the chip makes by itself; in a boot loop for the first ones.

    That after `most` others ends the run, which says so.
    """

    def tell(_cause: object) -> None:
        report = machine.last_reset
        if report is None or (most is not None and report.number > most):
            return
        if report.in_a_row <= BOOT_LOOP_RESETS:
            more = ", more are not told" if report.is_boot_loop else ""
            say(f"{report}{more}")

    machine.on_reset(tell)


def tell_crashes(machine: Machine, say: Callable[[str], None]) -> None:
    """Say a line for every place where the firmware crashes and goes on."""
    told: set[tuple[CrashKind, int]] = set()

    def tell(report: CrashReport) -> None:
        place = report.kind, report.pc
        if place not in told:
            told.add(place)
            say(f"crash, going on: {report}")

    machine.on_crash(tell)


def write_ramdump(path: Path, dumps: list[bytes]) -> None:
    """Write the first and say so; an error is only told, for the crash report is still worth seeing."""
    if not dumps:
        tell(f"there was no crash: {path} is not written")
        return
    try:
        write_atomically(path, dumps[0])
        tell(f"registers and RAM of the crash are in {path}")
    except LoadError as error:
        tell(f"error: {error}")


def tell_ramdump_wait(machine: Machine) -> None:
    """Say how to get what a firmware of the IoT SDK offers after a crash, when a run has ended with it."""
    if RAMDUMP_COMMAND in bytes(machine.flash.contents):
        tell(
            "the firmware would wait for `wm.py ramdump` now: --ramdump FILE writes the same at once; or run "
            "it with --crash continue --uart0 rfc2217:4000, and `w800emu wm --port 4000 -- ramdump -o FILE`"
        )


def save_at_end(save: Callable[[Machine, Path], None], path: Path, machine: Machine) -> bool:
    """Whether that was possible; an error is only told, for how the run has ended is still worth knowing."""
    try:
        save(machine, path)
    except LoadError as error:
        tell(f"error: {error}")
        return False
    return True


def statistics_of(machine: Machine) -> dict[str, int]:
    """What the run took, by name."""
    from emu.dbt.engine import TranslatorEngine  # not every run has it

    counts = {"instructions": machine.executed}
    if isinstance(engine := machine.board.core.engine, TranslatorEngine):
        statistics = engine.statistics
        counts |= {
            "translated regions": statistics.regions_translated,
            "cache hits": statistics.regions_from_cache,
            "interpreted instructions": statistics.interpreted,
            "instructions left out of polls": statistics.left_out,
            "entries to Unicorn": statistics.host_runs,
        }
    return counts


def report_statistics(machine: Machine, wall_s: float) -> None:
    """What the run took; the wall time is that of the run alone, without the start of Python."""
    rows = {name: f"{count:,}" for name, count in statistics_of(machine).items()}
    rows |= {
        "MIPS": f"{machine.executed / wall_s / 1e6:.1f}",
        "virtual time": format_duration(machine.now_ns),
        "wall time": f"{wall_s:.3f} s",
    }
    for name, value in rows.items():
        tell(f"{name:<30} {value}")
