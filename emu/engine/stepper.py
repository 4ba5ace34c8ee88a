"""Interprets single instructions and says what they mean for a run: shared by all engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from emu.engine.contract import (
    FELL_ASLEEP,
    NEEDS_ATTENTION,
    Access,
    CoreEvents,
    Stop,
    StopReason,
    WatchedRange,
)
from emu.engine.control_registers import Processor
from emu.engine.interpreter import Interpreter
from emu.engine.memory import Memory
from emu.engine.watched_memory import WatchedMemory
from emu.isa.insn import Flow, Insn
from emu.isa.ops import CpuException, LowPower
from emu.isa.state import CpuState, Psr

_TRACE_EVERYTHING, _TRACE_FLOW = 1 << 14, 3 << 14  # values of PSR.TM (XuanTie QEMU, translate.h)


class _Processor(Processor):
    """Remembers what an instruction did besides changing state."""

    def __init__(self, state: CpuState, events: CoreEvents) -> None:
        super().__init__(state)
        self._events = events
        self._mode: LowPower | None = None
        self.returned = False

    def return_from_exception(self) -> int:
        self.returned = True
        pc = Processor.return_from_exception(self)  # super() would take as long as all of it
        self._events.exception_returned()
        return pc

    def low_power(self, mode: LowPower) -> None:
        self._mode = mode

    def take_mode(self) -> LowPower | None:
        """The low-power mode entered since the last call."""
        mode, self._mode = self._mode, None
        return mode


class Stepper:
    """Executes the instruction at `state.pc` with the reference interpreter."""

    def __init__(self, state: CpuState, memory: Memory, events: CoreEvents) -> None:
        self._state = state
        self._processor = _Processor(state, events)
        self._memory = memory
        self._events = events
        self._interpreter = Interpreter(state, memory, self._processor)
        self.interrupt_pending = False
        self.was_watched = False
        """Whether the run shall end behind the instruction executed last for what it has accessed."""

    def set_watched(self, watched: frozenset[WatchedRange]) -> None:
        """Tell of accesses to these ranges."""
        watching = WatchedMemory(self._memory, watched, self._accessed)
        self._interpreter.memory = watching if watched else self._memory

    @contextmanager
    def through(self, memory: Memory) -> Iterator[None]:
        """Let data accesses go through this memory for a while, unwatched."""
        before, self._interpreter.memory = self._interpreter.memory, memory
        try:
            yield
        finally:
            self._interpreter.memory = before

    @property
    def executed(self) -> tuple[Insn, tuple[int, ...]]:
        """The instruction executed last, which `sce` has not skipped: its row and its operands."""
        assert self._interpreter.row is not None
        return self._interpreter.row, self._interpreter.operands

    def _accessed(self, access: Access) -> None:
        self.was_watched |= self._events.accessed(access)

    def step(self) -> Stop | None:
        """Execute one instruction; a `Stop` if the run has to end behind it (or at it, for an exception)."""
        processor, before = self._processor, self._state.psr
        processor.returned = self.was_watched = False
        try:
            self._interpreter.step()
        except CpuException as exception:
            return Stop(StopReason.EXCEPTION, vector=exception.vector, address=exception.address)
        mode = processor.take_mode()
        if mode is not None:
            return FELL_ASLEEP[mode]
        enabled = self._state.psr & ~before & (Psr.IE | Psr.EE)
        if self._is_traced(before):
            return Stop(StopReason.TRACE)
        if self.interrupt_pending and (processor.returned or enabled):
            return NEEDS_ATTENTION
        return None

    def return_from_exception(self) -> Stop | None:
        """Restore PSR and pc: all of `rte`, and what is left of `nir` once EPSR and EPC are loaded.

        A `Stop` if an interrupt waits for it.
        """
        self._state.pc = self._processor.return_from_exception()
        return NEEDS_ATTENTION if self.interrupt_pending else None

    def _is_traced(self, psr: int) -> bool:
        """Whether the instruction executed last, with that PSR before it, ends with the trace exception."""
        mode, row = psr & Psr.TM, self._interpreter.row
        if not mode or row is None or not row.traced:
            return False
        return mode == _TRACE_EVERYTHING or (mode == _TRACE_FLOW and row.flow not in (Flow.NEXT, Flow.SYSTEM))

    @property
    def row(self) -> Insn | None:
        """The instruction executed last; None if `sce` has skipped it."""
        return self._interpreter.row

    def at_check_point(self, pc: int) -> bool:
        """Whether the one at `pc`, executed last, was a return, a computed jump, or a branch not forwards."""
        row = self._interpreter.row
        if self._processor.returned:
            return True
        if row is None or row.flow in (Flow.NEXT, Flow.SYSTEM):
            return False
        return row.flow in (Flow.INDIRECT, Flow.INDIRECT_CALL) or self._state.pc <= pc
