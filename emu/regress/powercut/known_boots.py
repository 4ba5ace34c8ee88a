"""Updates that the modelled bootloader has carried out before, over an app of which nothing stays.

A cut amid an update leaves a part of the new app, more of it each time, and the next start does all of the
update again. What is left of the app only decides that it is no good; then all of it is replaced. So those
starts end alike, though the flash is never the same until the update is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from typing import Any, NamedTuple

from emu.history.snapshot import Snapshot
from emu.machine import Machine
from emu.machine.boot_chain import BootChain
from emu.regress.powercut.footprint import Footprint
from emu.regress.powercut.known_state import KnownState, digest_without_flash
from emu.regress.powercut.page_digests import FlashDigests, PageDigests
from peripherals.flash_operation import FlashOperation
from peripherals.framework.page_copies import PAGE_BYTES
from roms.boot_chip import BootWatcher


class _Update(NamedTuple):
    """One that was carried out."""

    run: int
    replaced: list[tuple[int, int]]
    """Bytes that did not matter: offsets and sizes."""
    whole: list[tuple[int, bytes]]
    """Numbers and digests of the pages that do."""
    rest: list[tuple[int, bytes]]
    """Offsets and contents of what matters in other pages."""


class KnownBoots(BootWatcher):
    """Watches what the bootloader does from the moment on at which it has settled what to do."""

    def __init__(self, machine: Machine, flash: FlashDigests, digests: PageDigests, over: Set[int]) -> None:
        """`over`: the runs that have an outcome."""
        self.next_look_ns: int | None = None
        self.unstable: range | None = None
        """Offsets of bytes that will read differently after another start, until they are written."""
        self._machine = machine
        self._flash, self._digests, self._over = flash, digests, over
        self._updates: defaultdict[bytes, list[_Update]] = defaultdict(list)
        self._run = -1
        self._facts, self._answers = "", 0
        self._key: bytes | None = None
        self._footprint: Footprint | None = None
        self._before: tuple[list[bytes], bytes] = [], b""
        boot = machine._power.boot
        assert isinstance(boot, BootChain)
        self._boot = boot
        boot.watcher = self
        machine.flash.observers.append(self._operated)
        machine._control.lookers.append(self)

    def begin(self, run: int, unstable: range | None) -> None:
        """Watch a run; -1: watch nothing."""
        self._run, self.unstable = run, unstable
        self._key = self._footprint = None

    def settled(self, facts: str) -> None:
        """Come back soon: the state may be known."""
        if self._run >= 0:
            self._facts, self._answers = facts, len(self._boot.answers)
            self._key, self._footprint = None, Footprint(self._machine.flash.size_bytes)
            self._machine.board.core.stop()

    def reads(self, offset: int, size_bytes: int) -> None:
        """The update depends on it."""
        if self._footprint is not None:
            self._footprint.use(offset, size_bytes)

    def replaces(self, offset: int, size_bytes: int) -> None:
        """The update does not depend on it."""
        if self._footprint is not None:
            self._footprint.replace(offset, size_bytes)

    def look(self) -> None:
        """The core, or the boot code, has come back: KnownState if this update was carried out before."""
        if self._footprint is None:
            return
        if self._key is None:
            self._key = self._state(self._machine._state.save())
            for update in self._updates[self._key]:
                if update.run in self._over and self._is_alike(update):
                    raise KnownState(update.run)
            self._before = self._flash.pages[:], bytes(self._machine.flash.contents)
        elif not self._machine._power.is_booting or self._boot.refusal is not None:
            self._keep(self._key, self._footprint)
            self._footprint = None

    def _operated(self, operation: FlashOperation) -> None:
        footprint = self._footprint
        if footprint is None:
            return
        is_explained = footprint.is_explained(operation.offset, operation.size_bytes)
        if self._key is None or not is_explained:
            self._footprint = None  # it cannot be told what this depends on

    def _state(self, snapshot: Snapshot) -> bytes:
        """All but the flash; what the code knows is what it has told, and what it was answered since."""
        power = snapshot.state["power"]
        known: Any = self._facts, self._boot.answers[self._answers :]
        state = {**snapshot.state, "power": {**power, "boot": {**power["boot"], "answers": known}}}
        return digest_without_flash(state, self._digests)

    def _is_alike(self, update: _Update) -> bool:
        """Whether the flash is the same, but for what does not matter."""
        pages, contents = self._flash.pages, self._machine.flash.contents
        return (
            (self.unstable is None or _covers(update.replaced, self.unstable))
            and all(pages[number] == digest for number, digest in update.whole)
            and all(contents[offset : offset + len(part)] == part for offset, part in update.rest)
        )

    def _keep(self, key: bytes, footprint: Footprint) -> None:
        if self.unstable is not None:
            return
        replaced = list(footprint.replaced())
        digests, contents = self._before
        touched: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for offset, size_bytes in replaced:
            for number in range(offset // PAGE_BYTES, -(-(offset + size_bytes) // PAGE_BYTES)):
                begin = max(offset, number * PAGE_BYTES)
                end = min(offset + size_bytes, (number + 1) * PAGE_BYTES)
                touched[number].append((begin, end))
        whole = [(number, digest) for number, digest in enumerate(digests) if number not in touched]
        rest = []
        for number, parts in touched.items():
            at = number * PAGE_BYTES
            for begin, end in [*parts, ((number + 1) * PAGE_BYTES,) * 2]:
                if at < begin:
                    rest.append((at, contents[at:begin]))
                at = end
        self._updates[key].append(_Update(self._run, replaced, whole, rest))


def _covers(parts: list[tuple[int, int]], wanted: range) -> bool:
    return any(offset <= wanted.start and wanted.stop <= offset + size for offset, size in parts)
