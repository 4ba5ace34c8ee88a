"""Leaves out what another run has done alike: a device that starts again does most of it as the one before.

The bootloader checks and unpacks the same update each time, whatever a cut has left of the app in a sector.
"""

from __future__ import annotations

from typing import Final

from emu.history.snapshot import Snapshot
from emu.machine import Machine
from emu.regress.powercut.known_state import KnownState, digest_without_flash
from emu.regress.powercut.page_digests import PageDigests
from emu.regress.powercut.story import flash_state, with_flash
from emu.regress.powercut.track import Checkpoint, Track, differing_sectors
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.page_copies import Pages
from peripherals.nor_flash import SECTOR_SIZE, touched_sectors

CHECKPOINT_EVERY: Final = 64
"""So many commands of the flash are between two checkpoints."""
WORTH: Final = 2
"""A leap leaves out so many stages at least: looking for one takes as long as executing one."""
LATER: Final = 16
"""A new track is recorded when runs have made so many times the commands of the one before; if nobody has
leapt along that, twice as many."""
SHORTEST: Final = 1000
"""Recording a track takes as long as so many commands at least."""


class KnownWays:
    """Records a run now and then, and lets others leap along its track.

    A run whose state is that of a checkpoint, but for sectors of the flash that the recorded run has not used
    for some time from there on, goes on from the last checkpoint before the first use, with its own sectors.
    """

    def __init__(self, machine: Machine, digests: PageDigests) -> None:
        self.next_look_ns: int | None = None
        self.has_leapt = False
        """Whether the run has left something out."""
        self._machine = machine
        self._digests = digests
        self._track: Track | None = None
        self._recorded: Track | None = None  # the run under way
        self._run = -1
        self._unstable: range | None = None
        self._is_due = False  # the run is to be recorded from its first command on
        self._commands = 0  # of all runs since a track was recorded
        self._later = LATER
        self._wanted: int | None = None  # the time of the command behind which to look
        self._vain: set[int] | None = None  # the own sectors when the state was found to be another one
        self._not_before = 0  # this checkpoint, as long as they are the same
        self._patience = 1
        self._runs = self._events = 0
        machine.flash.observers.append(self._operated)
        machine.flash.changed.append(self._changed)
        machine.flash.on_read = self._used
        machine.on_reset(self._happened)
        machine.on_crash(self._happened)
        machine._control.lookers.append(self)

    def begin(self, run: int, unstable: range | None) -> None:
        """Watch a run; see `KnownStates.begin`."""
        self._run, self._unstable = run, unstable
        self.has_leapt = False
        made = 0 if self._track is None else self._track.commands
        self._is_due = unstable is None and self._commands >= self._later * max(made, SHORTEST)
        self._runs, self._events = self._machine._control.runs, 0
        self._wanted = self._vain = None

    def end(self, *, is_over: bool) -> None:
        """The run has an outcome, or has failed; watch none."""
        self._run = -1
        if self._recorded is not None:
            self._machine.board.note_reads(None)
            if is_over:
                self._track = self._recorded
            self._recorded, self._commands, self._later = None, 0, 2 * self._later

    def is_stable(self) -> None:
        """There are no bytes any more that read differently after another start."""
        self._unstable = None

    # ---- hearing of the run ------------------------------------------------------------------------

    def _happened(self, _what: object) -> None:
        self._events += 1

    def _changed(self, offset: int, size_bytes: int) -> None:
        if self._recorded is not None:
            self._recorded.use(offset, size_bytes)

    def _operated(self, operation: FlashOperation) -> None:
        if operation.phase is Phase.BEFORE:
            self._used(operation.offset, operation.size_bytes, operation.time_ns)

    def _used(self, offset: int, size_bytes: int, time_ns: int) -> None:
        """A command of the flash is about to be carried out; modelled boot code is left to `KnownBoots`."""
        if self._recorded is not None:
            self._recorded.use(offset, size_bytes)
        if self._run < 0 or self._machine._power.is_booting:
            return
        self._commands += 1
        if self._recorded is not None:
            self._recorded.commands += 1
            is_wanted = self._recorded.commands >= CHECKPOINT_EVERY * len(self._recorded.checkpoints)
        else:
            is_wanted = self._is_due or self._may_leap(time_ns)
        if is_wanted:
            self._wanted = time_ns
            self._machine.board.core.stop()

    def _may_leap(self, time_ns: int) -> bool:
        """Whether much could be left out from here on, if the state is that of the track."""
        track = self._track
        if track is None or (number := track.number_at(time_ns)) is None:
            return False
        own = self._own_sectors(flash_state(self._machine).pages, track.checkpoints[number].pages)
        if own == self._vain and number < self._not_before:
            return False
        return not own or track.reach(number, own) - number >= WORTH

    def _own_sectors(self, pages: Pages, others: Pages) -> set[int]:
        """The sectors in which the run differs from the track, now or after a reset."""
        own = set(differing_sectors(pages, others))
        if self._unstable is not None:
            own.update(at // SECTOR_SIZE for at in touched_sectors(self._unstable.start, len(self._unstable)))
        return own

    # ---- looking -----------------------------------------------------------------------------------

    def look(self) -> None:
        """The core has come back: record, or leap; KnownState if all is as in the track."""
        if self._wanted is None or self._run < 0:
            return
        time_ns, self._wanted = self._wanted, None
        if self._is_due:
            self._is_due, self._recorded = False, Track(self._run)
            self._machine.board.note_reads(self._recorded.granules_read)
        here = self._checkpoint()
        if self._recorded is not None:
            self._recorded.add(time_ns, here)
        elif self._track is not None and (number := self._track.number_at(time_ns)) is not None:
            self._leap(self._track, number, here)

    def _checkpoint(self) -> Checkpoint:
        snapshot = self._machine._state.save()
        state = digest_without_flash(snapshot.state, self._digests)
        return Checkpoint(state, self._epoch(snapshot), snapshot)

    def _epoch(self, snapshot: Snapshot) -> tuple[int, ...]:
        """What of the run others have noticed: ends of `run`, resets, crashes, text that is listened to."""
        heard = [uart for uart in self._machine.uarts if uart.listeners or uart.listeners.internal]
        texts = (len(snapshot.state[uart.name]["received"]) for uart in heard)
        return self._machine._control.runs - self._runs, self._events, *texts

    def _leap(self, track: Track, number: int, here: Checkpoint) -> None:
        there = track.checkpoints[number]
        own = self._own_sectors(here.pages, there.pages)
        if (here.state, here.epoch) != (there.state, there.epoch):
            self._patience = 2 * self._patience if own == self._vain else 1
            self._vain, self._not_before = own, number + self._patience
            return
        if not own:
            raise KnownState(track.run)
        goal = track.reach(number, own)
        if goal - number < WORTH:
            return
        pages = list(track.checkpoints[goal].pages)
        for sector in own:
            pages[sector] = here.pages[sector]
        self._machine._state.restore(with_flash(track.checkpoints[goal].snapshot, {"contents": tuple(pages)}))
        self.has_leapt, self._vain, self._later = True, None, LATER
