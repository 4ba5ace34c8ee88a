"""States of the whole device that a run has been in before: from there on everything comes again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from emu.history.snapshot import Snapshot
from emu.machine import Machine
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.page_copies import PAGE_BYTES, Pages

KEEP_EVERY: Final = 8
"""A run that goes another way in time than all before keeps its state after so many flash operations."""
_RUN_ONLY: Final = (("loop", "slice_end"), ("loop", "reported_at"), ("engine", "limit"))


class KnownState(Exception):  # noqa: N818 - an event, not a mistake
    """The run has come to a state that another one has been in."""

    def __init__(self, run: int) -> None:
        super().__init__(f"as run {run}")
        self.run = run


class PageDigests:
    """Digests of pages of memory; snapshots share the pages that are equal, so most are known."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[bytes, bytes]] = {}

    def of(self, page: bytes) -> bytes:
        """16 bytes for a page."""
        known = self._known.get(id(page))
        if known is None or known[0] is not page:
            known = self._known[id(page)] = page, blake2b(page, digest_size=16).digest()
        return known[1]

    def of_all(self, pages: Pages) -> bytes:
        """16 bytes for a memory."""
        return blake2b(b"".join(map(self.of, pages)), digest_size=16).digest()

    def forget(self) -> None:
        """Let go of the pages."""
        self._known.clear()


class KnownStates:
    """Watches the runs of a machine, each from `begin` on.

    A state is known only if everything is the same: chip, memories, flash, time, and what the UARTs have
    sent, so that whoever has looked at the device has seen the same, too. Looking takes place where the core
    has come back; when it is worth it, time, instructions and flash tell.
    """

    def __init__(self, machine: Machine) -> None:
        self.digests = PageDigests()
        self.is_paused = False
        """Whether a state is not all that decides what comes: nothing is known, and nothing kept."""
        self.next_look_ns: int | None = None
        self._machine = machine
        self._states: dict[bytes, int] = {}
        self._moments: set[tuple[int, int, int]] = set()
        self._times: set[tuple[int, int]] = set()  # whoever comes at one of them will meet the others soon
        self._flash: list[int] = []
        self._sum = self._operations = 0
        self._run = -1
        self._wanted: tuple[int, int, int] | None = None
        machine.flash.observers.append(self._operated)
        machine.flash.changed.append(self._changed)
        machine._control.lookers.append(self)

    def begin(self, run: int, pages: Pages) -> None:
        """Watch a run that begins with these flash contents; -1: watch nothing."""
        self._run, self._operations, self._wanted = run, 0, None
        self._flash = [int.from_bytes(self.digests.of(page), "little") for page in pages]
        self._sum = sum(self._flash)

    def look(self) -> None:
        """The core has come back: KnownState if another run has been here."""
        if self._wanted is None or self._run < 0:
            return
        moment, self._wanted = self._wanted, None
        digest = self._digest(self._machine._state.save())
        known = self._states.setdefault(digest, self._run)
        self._moments.add(moment)
        self._times.add(moment[:2])
        if known != self._run:
            raise KnownState(known)

    def _changed(self, offset: int, size_bytes: int) -> None:
        for number in range(offset // PAGE_BYTES, -(-(offset + size_bytes) // PAGE_BYTES)):
            page = bytes(self._machine.flash.contents[number * PAGE_BYTES : (number + 1) * PAGE_BYTES])
            digest = int.from_bytes(blake2b(page, digest_size=16).digest(), "little")
            if self._flash:
                self._sum += digest - self._flash[number]
                self._flash[number] = digest

    def _operated(self, operation: FlashOperation) -> None:
        if self._run < 0 or self.is_paused or operation.phase is not Phase.AFTER:
            return
        self._operations += 1
        core = self._machine.board.core
        moment = operation.time_ns, core.engine.executed, self._sum
        is_new_way = moment[:2] not in self._times and self._operations % KEEP_EVERY == 0
        if is_new_way or moment in self._moments:
            self._wanted = moment
            core.stop()

    def _digest(self, snapshot: Snapshot) -> bytes:
        chip = snapshot.state["chip"]
        core = {name: dict(part) for name, part in chip["core"].items()}
        for name, unseen in _RUN_ONLY:
            del core[name][unseen]
        soc = dict(chip["soc"])
        controller = soc.pop("flash_controller")
        flash = dict(controller["state"]["flash"])
        pages = self.digests.of_all(flash.pop("contents"))
        memories = [self.digests.of_all(memory) for memory in chip["ram"]]
        rest: Any = [
            core,
            chip["clock"],
            soc,
            {**controller, "state": {**controller["state"], "flash": flash}},
        ]
        rest += [value for name, value in snapshot.state.items() if name != "chip"]
        return blake2b(b"".join((pages, *memories, repr(rest).encode())), digest_size=16).digest()
