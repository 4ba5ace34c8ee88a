"""Records coverage of a machine: what code was executed at all, at nearly full speed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE
from emu.trace.coverage.file import CoverageFile
from emu.trace.layout import SEEN, SeenKind
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.reset import ResetCause

_LONGEST_NAME_BYTES: Final = 1000


class CoverageRecorder:
    """Writes to a file what a machine executes from now on, once each, until it is closed.

    The run stays the same, and may go back to snapshots. LoadError if the file cannot be written. One that is
    open already stays so, for others.
    """

    def __init__(self, machine: Machine, file: str | Path | CoverageFile, name: str = "") -> None:
        """`name` is that of a test: then all is told, also what others have told to that file."""
        engine = self._engine = machine.board.core.engine
        if engine.coverage is not None:
            raise MachineError("the coverage of this machine is being recorded already")
        self._ends = ExitStack()
        if not isinstance(file, CoverageFile):
            file = CoverageFile(file, machine)
            self._ends.callback(file.close)
        self._file = file
        self._name = name.encode()[:_LONGEST_NAME_BYTES]
        self._seen: dict[tuple[SeenKind, int, bytes], None] = {}
        self._booted = engine.executed
        self._is_operating = self._is_stale = False
        self._is_anew = False
        """Whether nothing is known from before the period."""
        flash, power = machine.board.flash, machine._power
        self._watch(flash.observers.internal, self._operates)
        self._watch(flash.changed.internal, self._flash_changed)
        self._watch(power.observers.internal, self._was_reset)
        engine.tell_coverage(self, None if name else file.known_to(machine))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write the rest; further calls do nothing."""
        if self._engine.coverage is not self:
            return
        self._engine.tell_coverage(None)
        with self._ends:
            self._end_period()

    def _watch(self, observers: list[Callable[..., object]], observer: Callable[..., object]) -> None:
        observers.append(observer)
        self._ends.callback(observers.remove, observer)

    # ---- see `emu.engine.coverage.CoverageSink` ------------------------------------------------------

    def executed(self, address: int, code: bytes) -> None:
        """See `CoverageSink.executed`."""
        self._seen[SeenKind.EXECUTED, address, code] = None
        self._file.note_code(address, len(code))

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        """See `CoverageSink.branched`."""
        self._seen[SeenKind.TAKEN if is_taken else SeenKind.PASSED, address, code] = None

    # ---- periods in which no program takes the place of another ----------------------------------------

    def _operates(self, operation: FlashOperation) -> None:
        self._is_operating = operation.phase is Phase.BEFORE

    def _flash_changed(self, offset: int, size_bytes: int) -> None:
        """By the firmware: what it has written is not executed before the next reset. Else: at once.

        Where nothing was executed no program takes the place of another: settings are no code.
        """
        if not self._file.may_have_executed(FLASH_BASE + offset, size_bytes):
            return
        if self._is_operating and self._engine.executed != self._booted:
            self._is_stale = True
        else:
            self._begin_period()

    def _was_reset(self, _: ResetCause) -> None:
        self._booted, self._is_operating = self._engine.executed, False
        if self._is_stale:
            self._begin_period()

    def _begin_period(self) -> None:
        self._is_stale = False
        if self._seen or not self._is_anew:
            self._engine.tell_coverage(self)  # all of it, once more
            self._is_anew = True
        if self._seen:
            self._end_period()

    def _end_period(self) -> None:
        seen = [(SeenKind.NAME, 0, self._name), *self._seen]
        self._file.put(b"".join(SEEN.pack(kind, address, len(code)) + code for kind, address, code in seen))
        self._seen = {}
