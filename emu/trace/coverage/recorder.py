"""Records coverage of a machine: what code was executed at all, at nearly full speed."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from emu.history.state_file import pack_tree
from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.trace.chunks import ChunkKind, Moment
from emu.trace.layout import SEEN, TIME, SeenKind
from emu.trace.setup import setup_chunk
from emu.trace.writer import TraceWriter
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.framework.reset import ResetCause


class CoverageRecorder:
    """Writes to a file what a machine executes from now on, once each, until it is closed.

    The run stays the same, and may go back to snapshots. LoadError if the file cannot be written.
    """

    def __init__(self, machine: Machine, path: str | Path) -> None:
        board = machine.board
        engine = self._engine = board.core.engine
        if engine.coverage is not None:
            raise MachineError(f"{path}: the coverage of this machine is being recorded already")
        self._writer = TraceWriter(Path(path), version("w800emu"))
        self._begun = Moment(0, engine.elapsed, engine.executed)
        self._seen: dict[tuple[SeenKind, int, bytes], None] = {}
        self._booted = engine.executed
        self._is_operating = self._is_stale = False
        self._flash, self._power = board.flash, machine._power
        self._flash.observers.internal.append(self._operates)
        self._flash.changed.internal.append(self._flash_changed)
        self._power.observers.internal.append(self._was_reset)
        self._writer.put(ChunkKind.SETUP, self._begun, setup_chunk(machine))
        self._writer.put(ChunkKind.TIME, self._begun, TIME.pack(*board.clock.scale))
        engine.tell_coverage(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write the rest; further calls do nothing."""
        if self._engine.coverage is not self:
            return
        self._engine.tell_coverage(None)
        self._flash.observers.internal.remove(self._operates)
        self._flash.changed.internal.remove(self._flash_changed)
        self._power.observers.internal.remove(self._was_reset)
        self._end_period()
        self._writer.put(ChunkKind.END, self._begun, pack_tree(None))
        self._writer.close()

    # ---- see `emu.engine.coverage.CoverageSink` ------------------------------------------------------

    def executed(self, address: int, code: bytes) -> None:
        """See `CoverageSink.executed`."""
        self._seen[SeenKind.EXECUTED, address, code] = None

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        """See `CoverageSink.branched`."""
        self._seen[SeenKind.TAKEN if is_taken else SeenKind.PASSED, address, code] = None

    # ---- periods in which no program takes the place of another ----------------------------------------

    def _operates(self, operation: FlashOperation) -> None:
        self._is_operating = operation.phase is Phase.BEFORE

    def _flash_changed(self, _offset: int, _size_bytes: int) -> None:
        """By the firmware: what it has written is not executed before the next reset. Else: at once."""
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
        if self._seen:
            self._engine.tell_coverage(self)  # all of it, once more
            self._end_period()

    def _end_period(self) -> None:
        records = (SEEN.pack(kind, address, len(code)) + code for kind, address, code in self._seen)
        self._writer.put(ChunkKind.SEEN, self._begun, b"".join(records))
        self._seen = {}
