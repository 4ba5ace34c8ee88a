"""Runs that leave out what another one has done alike, to be compared with runs that do everything."""

from __future__ import annotations

from typing import NamedTuple

from emu.regress.powercut.cut import Cut
from emu.regress.powercut.device import Device
from emu.regress.powercut.known_state import digest_without_flash
from emu.regress.powercut.known_ways import LATER, SHORTEST, KnownWays
from emu.regress.powercut.outcome import Outcome
from emu.regress.powercut.page_digests import PageDigests
from emu.regress.powercut.story import pages_of
from peripherals.framework.page_copies import Pages
from peripherals.nor_flash import SECTOR_SIZE

UNUSED = 0x1F_F000 // SECTOR_SIZE  # the last one of 2 MiB


class Leaping(KnownWays):
    """Never ends a run: it always has a sector of its own, that nobody uses."""

    def _own_sectors(self, pages: Pages, others: Pages) -> set[int]:
        return super()._own_sectors(pages, others) | {UNUSED}


class End(NamedTuple):
    """All there is at the end of a run."""

    outcome: Outcome
    state: bytes
    pages: Pages
    time_ns: int
    text: str


def end_of(device: Device, cut: str, ways: KnownWays | None = None) -> End:
    """That of a start behind a cut, by a device that ends no run early; with `ways`, it may leap."""
    left = device.left(Cut.parse(cut))
    if ways is not None:
        ways.begin(0, None if left.torn is None or not left.torn.is_unstable else left.torn_range)
    device._start(left, run=-1)
    outcome = device.check()
    if ways is not None:
        ways.end(is_over=True)
    machine = device.machine
    snapshot = machine.snapshot()
    state = digest_without_flash(snapshot.state, PageDigests())
    return End(outcome, state, pages_of(snapshot), machine.now_ns, machine.uart0.text)


def leaping(device: Device) -> KnownWays:
    """Ways that record the next run."""
    ways = Leaping(device.machine, PageDigests())
    ways._commands = LATER * SHORTEST
    return ways
