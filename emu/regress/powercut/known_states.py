"""Looks out for states of the whole device that another run has been in."""

from __future__ import annotations

from typing import Final

from emu.machine import Machine
from emu.regress.powercut.known_boots import KnownBoots
from emu.regress.powercut.known_state import KnownState, digest_without_flash
from emu.regress.powercut.known_ways import KnownWays
from emu.regress.powercut.page_digests import FlashDigests, PageDigests
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.page_copies import Pages

KEEP_EVERY: Final = 8
"""A run that goes another way in time than all before keeps its state after so many flash operations."""
SPARSER: Final = 16
"""Or after this part of all that it has made: keeping takes longer than an operation of executed code."""


class KnownStates:
    """Watches the runs of a machine, each from `begin` on.

    A state is known only if everything is the same: chip, memories, flash, time, and what the UARTs have
    sent, so that whoever has looked at the device has seen the same, too. Looking takes place where the core
    has come back; when it is worth it, time and flash tell. While the modelled boot code runs,
    what it remembers is never the same: see `KnownBoots`.
    """

    def __init__(self, machine: Machine) -> None:
        self.digests = PageDigests()
        self.next_look_ns: int | None = None
        self._machine = machine
        self._flash = FlashDigests(machine, self.digests)
        self._over: set[int] = set()  # runs that have an outcome
        self._boots = KnownBoots(machine, self._flash, self.digests, self._over)
        self._states: dict[bytes, int] = {}
        self._moments: set[tuple[int, bytes]] = set()
        self._times: set[int] = set()  # whoever comes at one of them will meet the others soon
        self._operations = self._next = 0
        self._run = -1
        self._wanted: tuple[int, bytes] | None = None
        machine.flash.observers.append(self._operated)
        machine._control.lookers.append(self)
        self._ways = KnownWays(machine, self.digests)  # looks behind this one: it may put the run elsewhere

    @property
    def has_leapt(self) -> bool:
        """Whether the run has left out something that another one has done alike."""
        return self._ways.has_leapt

    def begin(self, run: int, pages: Pages, unstable: range | None) -> None:
        """Watch a run that begins with these flash contents; -1: watch nothing.

        `unstable`: offsets of bytes that will read differently after another start. As long as there are
        some, a state is not all that decides what comes: none is known, and none kept.
        """
        self._run, self._wanted = run, None
        self._operations, self._next = 0, KEEP_EVERY
        self._flash.begin(pages)
        self._boots.begin(run, unstable)
        self._ways.begin(run, unstable)

    def end(self, *, is_over: bool) -> None:
        """The run has an outcome, or has failed; what the machine is used for now is none."""
        if is_over:
            self._over.add(self._run)
        self._run = -1
        self._boots.begin(-1, None)
        self._ways.end(is_over=is_over)

    def is_stable(self) -> None:
        """There are no such bytes any more."""
        self._boots.unstable = None
        self._ways.is_stable()

    def look(self) -> None:
        """The core has come back: KnownState if another run has been here."""
        if self._wanted is None or self._run < 0:
            return
        moment, self._wanted = self._wanted, None
        state = digest_without_flash(self._machine._state.save().state, self.digests)
        key = state + self._flash.of_all
        if (known := self._states.get(key)) in self._over:
            raise KnownState(known)
        self._states[key] = self._run
        self._moments.add(moment)
        self._times.add(moment[0])

    def _operated(self, operation: FlashOperation) -> None:
        if self._run < 0 or operation.phase is not Phase.AFTER:
            return
        machine = self._machine
        if self._boots.unstable is not None or machine._power.is_booting:
            return
        self._operations += 1
        core = machine.board.core
        moment = operation.time_ns, self._flash.of_all
        is_new_way = moment[0] not in self._times and self._operations >= self._next
        if is_new_way or moment in self._moments:
            self._next = self._operations + max(KEEP_EVERY, self._operations // SPARSER)
            self._wanted = moment
            core.stop()
