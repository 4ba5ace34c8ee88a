"""`InterpreterEngine`: runs guest code one instruction at a time (contract: emu/engine/contract.py)."""

from __future__ import annotations

from typing import Protocol

from emu.engine.contract import CoreEvents, EngineState, GuestBus, Stop, StopReason, WatchedRange
from emu.engine.coverage import CoverageSink, Known, tell_instruction
from emu.engine.flow import LONGEST_BYTES, Flow, FlowSink, ends_line
from emu.engine.stepper import Stepper
from emu.isa.decode import size_bytes
from emu.isa.ops import Vector
from emu.isa.state import CpuState

_PAGE_BITS = 14
"""Memories are whole pages of this many address bits."""


class Observer(Protocol):
    """Told of every instruction; `--trace` is one."""

    def retired(self, pc: int) -> None:
        """The instruction at `pc` has been executed: the CPU state is the one behind it."""


class NoLateReturn:
    """All returns are told at once."""

    is_allowed = False

    def allow(self) -> None:
        """See `contract.LateReturn`."""

    def chain(self, vector: int) -> None:
        """See `contract.LateReturn`."""

    def forbid(self) -> None:
        """Nothing is allowed."""

    def tell(self) -> None:
        """All have been told."""


class InterpreterEngine:
    """Slow and obviously right; the same virtual timeline as the translator."""

    def __init__(
        self, state: CpuState, bus: GuestBus, events: CoreEvents, *, notes_flow: bool = False
    ) -> None:
        self.state = state
        self.late_return = NoLateReturn()
        self._notes_flow = notes_flow
        self.flow = Flow() if notes_flow else None
        self._bus = bus
        self.observer: Observer | None = None
        self.coverage: CoverageSink | None = None
        self._stepper = Stepper(state, bus, events)
        self._costs = {
            page: memory.cost
            for memory in bus.regions
            for page in range(memory.base >> _PAGE_BITS, memory.base + len(memory.buffer) >> _PAGE_BITS)
        }
        self._breakpoints: frozenset[int] = frozenset()
        self._executed = self._elapsed = 0
        self._is_in_line = False  # the flow has the beginning of what is executed
        self._limit = 0

    def run(self, budget: int) -> Stop:
        """See `contract.Engine.run`."""
        self._limit = self._elapsed + budget
        stop = self._step()
        while stop is None:
            stop = Stop(StopReason.BREAKPOINT) if self.state.pc in self._breakpoints else self._step()
        self._end_line()
        return stop

    def step(self, budget: int) -> Stop:
        """See `contract.Engine.step`."""
        self._limit = self._elapsed + budget
        stop = self._step() or Stop(StopReason.STEPPED)
        self._end_line()
        return stop

    def note_flow(self, sink: FlowSink | None) -> None:
        """See `contract.Engine.note_flow`."""
        if sink is None and not self._notes_flow:
            self.flow = None
        elif self.flow is None:
            self.flow = Flow()
        if self.flow is not None:
            self.flow.flush()
            self.flow.sink = sink

    def tell_coverage(self, sink: CoverageSink | None, known: Known | None = None) -> None:
        """See `contract.Engine.tell_coverage`."""
        self.coverage = sink

    def note_reads(self, pages: set[int] | None) -> None:
        """All is read through the bus."""

    def settle(self) -> None:
        """Nothing is elsewhere."""

    @property
    def executed(self) -> int:
        """See `contract.Engine.executed`."""
        return self._executed

    @property
    def elapsed(self) -> int:
        """See `contract.Engine.elapsed`."""
        return self._elapsed

    def count(self) -> int:
        """See `contract.Engine.count`."""
        return self._elapsed

    @property
    def limit(self) -> int:
        """See `contract.Engine.limit`."""
        return self._limit

    @property
    def current_pc(self) -> int:
        """See `contract.Engine.current_pc`."""
        return self.state.pc

    def end_at(self, elapsed: int) -> None:
        """See `contract.Engine.end_at`."""
        self._limit = min(self._limit, max(elapsed, self._elapsed))

    def set_interrupt_pending(self, pending: bool) -> None:
        """See `contract.Engine.set_interrupt_pending`."""
        self._stepper.interrupt_pending = pending

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """See `contract.Engine.set_breakpoints`."""
        self._breakpoints = addresses

    def set_watched(self, watched: frozenset[WatchedRange]) -> None:
        """See `contract.Engine.set_watched`."""
        self._stepper.set_watched(watched)

    def save(self) -> EngineState:
        """See `contract.Engine.save`."""
        return EngineState(self._executed, self._elapsed, self._limit, self._stepper.interrupt_pending)

    def restore(self, snapshot: EngineState) -> None:
        """See `contract.Engine.restore`."""
        self._executed, self._elapsed, self._limit = snapshot.executed, snapshot.elapsed, snapshot.limit
        self._stepper.interrupt_pending = snapshot.interrupt_pending

    def invalidate(self, address: int, size_bytes: int) -> None:
        """Nothing is kept of the code."""

    def _code_at(self, pc: int) -> bytes:
        size = size_bytes(self._bus.read(pc, 2))
        return b"".join(self._bus.read(pc + at, 2).to_bytes(2, "little") for at in range(0, size, 2))

    def _note(self, flow: Flow, pc: int) -> None:
        """Note the instruction at `pc`, which has been executed."""
        row = self._stepper.row
        if row is None:
            if self._is_in_line:
                flow.cut(pc)
            flow.alone(pc, row)
        elif not self._is_in_line:
            flow.add(pc)
            flow.make_room()
        self._is_in_line = row is not None and not ends_line(row)

    def _end_line(self) -> None:
        if self.flow is not None:
            if self._is_in_line:
                self._is_in_line = False
                self.flow.cut(self.state.pc)
            else:
                self.flow.at(self.state.pc)

    def _step(self) -> Stop | None:
        pc = self.state.pc
        cost = self._costs.get(pc >> _PAGE_BITS)
        if cost is None:  # devices hold no code
            return Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=pc)
        if self.flow is not None:
            self.flow.code([(pc, pc + LONGEST_BYTES)], is_in_line=self._is_in_line)  # as it is before
        code = self._code_at(pc) if self.coverage is not None else b""
        stop = self._stepper.step()
        if stop is not None and stop.reason is StopReason.EXCEPTION:
            return stop
        if self.coverage is not None:
            tell_instruction(self.coverage, pc, code, self.state.pc)
        if self.flow is not None:
            self._note(self.flow, pc)
        self._executed += 1
        self._elapsed += cost
        if self.observer is not None:
            self.observer.retired(pc)
        if stop is None and self._elapsed >= self._limit and self._stepper.at_check_point(pc):
            return Stop(StopReason.BUDGET)
        return stop or (Stop(StopReason.WATCHED) if self._stepper.was_watched else None)
