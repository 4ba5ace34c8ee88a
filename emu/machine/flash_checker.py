"""Notices what firmware should not do to a flash; made only for machines that shall be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from emu.engine.contract import WatchedRange
from emu.inspect.free_rtos import running_task_name
from emu.machine.board import ROM_BASE, ROM_SIZE_BYTES, Board
from emu.machine.flash_use import FlashUse, calls_now
from emu.machine.program_views import ProgramViews
from emu.machine.watchpoints import Watchpoint, Watchpoints
from emu.memory_map import FLASH_BASE
from emu.report.access import WatchedAccess
from emu.report.flash_violation import FlashRule, FlashViolation
from peripherals.flash_operation import FlashOperation, OperationKind, Phase
from peripherals.framework.observers import Observers
from peripherals.nor_flash import ERASED, SECTOR_SIZE, touched_sectors

ERASES_TOLD: Final = (100, 1_000, 10_000, 100_000)
"""How often a sector is erased within one run when that is told."""
ENDURANCE: Final = 100_000
"""Erases that a sector lasts: data sheet of Puya's P25Q series, "100K program/erase cycles"."""
USUAL_RULES: Final = frozenset(FlashRule) - {FlashRule.NOT_ERASED}
"""Clearing more bits of a byte that is not erased is allowed, and how logs of settings mark their items."""
RULES: Final = {"usual": USUAL_RULES, "all": frozenset(FlashRule)}
OF_NO_APP: Final = ("bootloader", "partition_table")
"""Partitions that a running app has no business in."""


class _Broken(NamedTuple):
    rule: FlashRule
    offset: int
    detail: str
    counts: Callable[[int], bool] = lambda caller: True
    """Whether it is broken if the innermost code in flash that leads here is at this offset."""


class _Untold(NamedTuple):
    violation: FlashViolation
    counts: Callable[[int], bool]


class FlashChecker:
    """Tells `observers` of each broken rule once for each place in the code and each sector.

    The instruction that starts an operation is known at once; who has called it, when the core comes back.
    """

    def __init__(
        self,
        board: Board,
        rules: frozenset[FlashRule],
        views: ProgramViews,
        watchpoints: Watchpoints,
    ) -> None:
        self.violations: list[FlashViolation] = []
        self.observers = Observers[[FlashViolation]](keep_error=watchpoints.errors.keep)
        self.use = FlashUse(board)
        self._board = board
        self._rules = rules
        self._views = views
        self._watchpoints = watchpoints
        self._watched: Watchpoint | None = None
        self._known: set[tuple[FlashRule, int, int]] = set()
        self._untold: list[_Untold] = []
        self._erases: Counter[int] = Counter()
        board.flash.observers.append(self._operated)

    @property
    def next_look_ns(self) -> int | None:
        """When the flash is ready again, if reads are watched meanwhile."""
        return None if self._watched is None else self._board.flash.ready_at_ns

    def look(self) -> None:
        """The core has come back: the registers are exact."""
        if self._watched is not None and self._board.clock.now_ns >= self._board.flash.ready_at_ns:
            self._watched.remove()
            self._watched = None
        if self._untold:
            untold, self._untold = self._untold, []
            self._tell(untold)

    def _tell(self, untold: list[_Untold]) -> None:
        view = self._views.now()
        frames = calls_now(self._board, view)
        places = (frame.address - FLASH_BASE for frame in frames)
        caller = next((place for place in places if 0 <= place < self._board.flash.size_bytes), -1)
        certain = tuple(frame for frame in frames[1:] if frame.is_certain)
        task = running_task_name(view)
        for violation, counts in untold:
            if caller >= 0 and not counts(caller):
                continue
            told = replace(violation, callers=certain or frames[1:], task=task)
            self.violations.append(told)
            self.observers(told)

    def _operated(self, operation: FlashOperation) -> None:
        if operation.phase is Phase.AFTER:
            if operation.kind is OperationKind.ERASE:
                self._watch(operation)
            return
        for broken in (*self._misplaced(operation), *self._misdone(operation)):
            self._note(broken)

    def _watch(self, operation: FlashOperation) -> None:
        """Hear of reads of what is changing, while the device is busy. (Fetches are not heard.)"""
        if self._watched is not None:
            self._watched.remove()
        watched = WatchedRange(FLASH_BASE + operation.offset, operation.size_bytes, reads=True, writes=False)
        self._watched = self._watchpoints.add(watched, "flash rules", self._read)

    def _read(self, access: WatchedAccess) -> None:
        if self._board.clock.now_ns < self._board.flash.ready_at_ns:
            left_us = (self._board.flash.ready_at_ns - self._board.clock.now_ns) / 1e3
            detail = f"{access.size_bytes} bytes, {left_us:.0f} us before the flash is ready"
            self._note(_Broken(FlashRule.READ_WHILE_ERASED, access.address - FLASH_BASE, detail))

    def _misplaced(self, operation: FlashOperation) -> Iterator[_Broken]:
        """Rules about where it is."""
        kind, first, end = operation.kind.value, operation.offset, operation.offset + operation.size_bytes
        for header, body in self.use.images():
            changed = next((part for part in (header, body) if first < part.stop and part.start < end), None)
            if changed is not None:
                where = f"the image is at {changed.start:#x} to {changed.stop - 1:#x}"
                detail = f"{kind} of {operation.size_bytes:,} bytes, {where}"
                yield _Broken(FlashRule.RUNNING_IMAGE, first, detail, body.__contains__)
        if not self.use.partitions:
            return
        partition = self.use.partition_at(first)
        if partition is None:
            yield _Broken(FlashRule.OUTSIDE_PARTITION, first, f"{kind} in no partition")
        elif end > partition.end:
            detail = (
                f"{kind} of {operation.size_bytes:,} bytes goes {end - partition.end:#x} bytes beyond its end"
            )
            yield _Broken(FlashRule.OUTSIDE_PARTITION, first, detail)
        elif partition.name in OF_NO_APP:
            bootloader = next(each for each in self.use.partitions if each.name == OF_NO_APP[0])
            by_app = range(bootloader.end, self._board.flash.size_bytes)
            yield _Broken(FlashRule.OUTSIDE_PARTITION, first, f"{kind} by the app", by_app.__contains__)

    def _misdone(self, operation: FlashOperation) -> Iterator[_Broken]:
        """Rules about what the device can do, and for how long."""
        if operation.kind is OperationKind.ERASE:
            for offset in touched_sectors(operation.offset, operation.size_bytes):
                self._erases[offset] += 1
                if self._erases[offset] in ERASES_TOLD:
                    yield _Broken(FlashRule.WEAR, offset, self._wear(self._erases[offset]))
            return
        page = bytes(self._board.flash.contents[operation.offset : operation.offset + operation.size_bytes])
        bytes_of = list(zip(page, operation.wanted, strict=True))
        written = [number for number, (_, wanted) in enumerate(bytes_of) if wanted != ERASED]
        lost = [number for number in written if bytes_of[number][1] & ~bytes_of[number][0]]
        again = [number for number in written if bytes_of[number][0] not in (ERASED, bytes_of[number][1])]
        if lost:
            there, wanted = bytes_of[lost[0]]
            first = f"the first {there & wanted:#04x} instead of {wanted:#04x}, as {there:#04x} was there"
            detail = f"{len(lost)} {'byte comes' if len(lost) == 1 else 'bytes come'} out wrong, {first}"
            yield _Broken(FlashRule.BITS_STAY_0, operation.offset + lost[0], detail)
        elif again:
            detail = f"{len(again)} byte{'s' * (len(again) > 1)} of {len(written)}"
            yield _Broken(FlashRule.NOT_ERASED, operation.offset + again[0], detail)

    def _wear(self, times: int) -> str:
        span_s = self._board.clock.now_ns / 1e9
        left_h = (ENDURANCE - times) * span_s / times / 3600
        return f"erased {times:,} times in {span_s:.1f} s: at this rate it lasts another {left_h:,.1f} hours"

    def _note(self, broken: _Broken) -> None:
        core = self._board.core
        pc = core.engine.current_pc
        if ROM_BASE <= pc < ROM_BASE + ROM_SIZE_BYTES:
            return  # the modelled boot code is no firmware
        key = broken.rule, pc, broken.offset // SECTOR_SIZE
        is_told_again = broken.rule is FlashRule.WEAR
        if broken.rule not in self._rules or (key in self._known and not is_told_again):
            return
        self._known.add(key)
        view, partition = self._views.now(), self.use.partition_at(broken.offset)
        violation = FlashViolation(
            broken.rule,
            broken.detail,
            broken.offset,
            partition.name if partition else "",
            self._board.clock.now_ns,
            pc,
            view.describe(pc),
            view.line(pc),
            handlers=core.active_handlers,
        )
        self._untold.append(_Untold(violation, broken.counts))
        core.stop()  # so that it is told soon, with the callers
