"""The run loop: slices of instructions between alarms, interrupts, exceptions, sleep."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any, NamedTuple

from emu.bus import Bus
from emu.clock import VirtualClock
from emu.cpu.core_stop import CoreStop
from emu.cpu.interrupts import InterruptController
from emu.cpu.loop_state import Limits, LoopState
from emu.engine.contract import (
    Access,
    EngineFactory,
    EngineState,
    ReadOutlook,
    StopReason,
    WatchedRange,
)
from emu.engine.exceptions import enter_exception
from emu.isa.ops import CpuException, Vector
from emu.isa.state import Control, CpuState, Psr

SLICE_INSTRUCTIONS = 1_000_000
"""A run is never longer, so that Ctrl-C and listeners get their turn: some ten milliseconds."""

DELIVERY_DELAY = 8
"""GUESS: the CPU executes at least so many instructions before it takes an interrupt that an alarm raised:
a load under way sees the flag before the handler clears it (ADR 7)."""

_NEVER = 1 << 64
"""Later than any time, or than what can elapse."""

_DELIVERY = Psr.DELIVERY
_INTERRUPT0, _TSPEND = int(Vector.INTERRUPT0), int(Vector.TSPEND)
# Python 3.11 looks a member of an Enum up by a call.
_BUDGET, _LOW_POWER, _EXCEPTION = StopReason.BUDGET, StopReason.LOW_POWER, StopReason.EXCEPTION
_TRACE, _BREAKPOINT = StopReason.TRACE, StopReason.BREAKPOINT
_WATCHED, _STEPPED = StopReason.WATCHED, StopReason.STEPPED


class ExceptionEvent(NamedTuple):
    """An exception or interrupt about to be entered; the CPU state is still the one before."""

    vector: int
    pc: int
    address: int | None


class Core:
    """The CPU of the chip around an engine.

    Everything is a function of the firmware and of the inputs at their virtual times. Interrupts are taken
    only where a run of the engine ends, and which ends there are does not depend on who watches: breakpoints
    and time limits neither move them nor add any at which something could be delivered. One that an alarm
    raises is taken a moment after its flag is visible, as if a load of it were under way.
    """

    def __init__(
        self, make_engine: EngineFactory, bus: Bus, clock: VirtualClock, interrupts: InterruptController
    ) -> None:
        self._state = CpuState()
        self.engine = make_engine(self._state, bus, self)
        self._late_return = self.engine.late_return
        self.breakpoints: frozenset[int] = frozenset()
        self.entry_observers: list[Callable[[ExceptionEvent], object]] = []
        self.fault_observers: list[Callable[[ExceptionEvent], object]] = []
        """Told of what is no interrupt: ticks of an operating system cost them nothing."""
        self.on_access: Callable[[Access], bool] = lambda access: False
        """Told of accesses to watched ranges; True ends the run behind the instruction."""
        self._was_watched = False
        self._bus = bus
        highest_cost = max(memory.cost for memory in bus.regions)
        self._longest = SLICE_INSTRUCTIONS * highest_cost
        self._delay = DELIVERY_DELAY * highest_cost
        self._clock = clock
        self._interrupts = interrupts
        self._loop = LoopState()
        self._stop_requested = False
        clock.connect(self.engine)
        interrupts.on_change, interrupts.on_look = self._interrupts_changed, self._late_return.tell

    @property
    def state(self) -> CpuState:
        """The registers, exact while nothing runs, and in call-backs of alarms."""
        self.engine.settle()
        return self._state

    # ---- control -----------------------------------------------------------------------------------

    def reset(self, pc: int = 0) -> None:
        """Put the CPU into its reset state, about to execute at `pc`."""
        if self.engine.flow is not None:
            self.engine.flow.forget()
        self._late_return.tell()
        self._late_return.forbid()
        self.state.reset(pc)
        self._loop = LoopState()

    def stop(self) -> None:
        """Let `run` come back at the next opportunity; from call-backs of devices and alarms."""
        self._stop_requested = True
        self.engine.end_at(0)

    def stop_soon(self) -> None:
        """Let `run` come back between two slices; a signal handler may call it anywhere."""
        self._stop_requested = True

    @property
    def is_stop_requested(self) -> bool:
        """Whether a run would come back at once."""
        return self._stop_requested

    def take_stop(self) -> bool:
        """Whether a stop was requested, which is over then: who lets time pass without `run` has stopped."""
        was_requested, self._stop_requested = self._stop_requested, False
        return was_requested

    def set_halted(self, halted: bool) -> None:
        """Take the CPU's clock away or give it back; from call-backs of devices and alarms."""
        self._loop.is_halted = halted
        self._loop.held_until = 0
        self.engine.end_at(0)

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """Replace the breakpoint set."""
        self.breakpoints = addresses
        self.engine.set_breakpoints(addresses)

    def set_watched(self, watched: frozenset[WatchedRange]) -> None:
        """Replace the watched ranges, between runs."""
        self.engine.set_watched(watched)

    def exception_chained(self, vector: int) -> None:
        """The handler entered last was left for that of `vector`, as if the run had ended there."""
        self._loop.leave()
        self._loop.enter(vector)
        self._loop.held_until = 0
        self._interrupts.chain(vector)

    def outlook(self, address: int, size_bytes: int) -> ReadOutlook | None:
        """What such reads of a device give from now on; None while an alarm is due that may change it."""
        due, outlook = self._clock.next_alarm_elapsed, self._bus.outlook(address, size_bytes)
        if outlook is None or (due is not None and due <= self.engine.count()):
            return None
        return self._clock.counted(outlook)

    def accessed(self, access: Access) -> bool:
        """An instruction has accessed a watched range."""
        ends = self.on_access(access)
        self._was_watched |= ends
        return ends

    def exception_returned(self) -> None:
        """rte or nir was executed; the interrupt controller hears of it if an interrupt handler ended."""
        self._late_return.forbid()
        vector = self._loop.leave()
        if vector is not None and (vector >= _INTERRUPT0 or vector == _TSPEND):
            self._interrupts.complete()

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data, between runs: registers, run loop, and the engine's counts."""
        engine = self.engine.save()
        if self._loop.slice_end is None:
            engine = replace(engine, limit=0)  # of a run that is over
        return {"cpu": _copied(self.state), "loop": _copied(self._loop), "engine": _copied(engine)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, whichever engine made it, between runs."""
        for name, value in snapshot["cpu"].items():
            setattr(self.state, name, copy(value))
        self._loop = LoopState(**{name: copy(value) for name, value in snapshot["loop"].items()})
        self.engine.restore(EngineState(**snapshot["engine"]))

    @property
    def active_handlers(self) -> tuple[int, ...]:
        """The vectors whose handlers have not returned, the innermost last."""
        self._late_return.tell()
        return tuple(self._loop.handlers)

    @property
    def is_sleeping(self) -> bool:
        """Whether wait, doze or stop was executed, and nothing has woken the CPU yet."""
        return self._loop.is_sleeping

    @property
    def is_halted(self) -> bool:
        """Whether the CPU has no clock."""
        return self._loop.is_halted

    @property
    def is_at_check_point(self) -> bool:
        """Whether the last run ended where a run without breakpoints and steps could have ended, too."""
        return self._loop.slice_end is None

    # ---- the loop ----------------------------------------------------------------------------------

    def run(self, until_ns: int | None = None, *, until_elapsed: int | None = None) -> CoreStop:
        """Run until something of `CoreStop` happens; to a virtual time or to what the engine counts at most.

        Limits and stops take effect at check points only (see the engine's contract), so a little later.
        """
        return self._run_and_settle(Limits(until_ns, until_elapsed), is_step=False)

    def step(self, until_ns: int | None = None) -> CoreStop:
        """Execute one instruction where `run` would, or let something else of `CoreStop` happen."""
        return self._run_and_settle(Limits(until_ns), is_step=True)

    def _run_and_settle(self, limits: Limits, *, is_step: bool) -> CoreStop:
        self._clock.run_until_ns = limits.time_ns
        if self._tells_entries:
            self._late_return.forbid()  # it was allowed before somebody asked
        try:
            return self._run(limits, is_step=is_step)
        finally:
            self._clock.run_until_ns = None
            self.engine.settle()

    def _run(self, limits: Limits, *, is_step: bool) -> CoreStop:
        loop = self._loop
        if loop.slice_end is not None:  # after a breakpoint, or an exception of a device
            loop.slice_end = min(loop.slice_end, self.engine.limit, self._end(limits))
        while True:
            if self._loop.slice_end is None and (stop := self._begin_slice(limits)) is not None:
                return stop
            if self._state.pc in self.breakpoints and self._loop.reported_at != self._state.pc:
                self._loop.reported_at = self._state.pc
                return CoreStop.BREAKPOINT
            if (stop := self._run_slice(is_step=is_step)) is not None:
                return stop

    def _begin_slice(self, limits: Limits) -> CoreStop | None:
        """Do what has to be done between slices, and fix the end of the next one."""
        elapsed = self.engine.count()
        while True:
            due = self._clock.next_alarm_elapsed
            if due is not None and due <= elapsed:
                self._fire_alarms(elapsed)
            if self._stop_requested:
                self._stop_requested = False
                return CoreStop.STOPPED
            end = self._end(limits)
            if elapsed >= end:
                return CoreStop.LIMIT
            loop = self._loop  # an alarm may reset the CPU
            if not loop.is_halted and (not loop.is_sleeping or self._is_woken()):
                break
            due_ns = self._clock.next_alarm_ns
            if due_ns is None:
                return CoreStop.SLEEPING
            until_ns = limits.time_ns
            self._clock.pass_until(due_ns if until_ns is None else min(due_ns, until_ns))
        loop.is_sleeping = False
        if elapsed >= loop.held_until and not self._deliver_interrupt():
            return CoreStop.LOCKED_UP
        loop.slice_end = self._slice_end(elapsed, end)
        return None

    def _fire_alarms(self, elapsed: int) -> None:
        """Fire what is due; an interrupt that becomes deliverable by it is held for a moment (ADR 7)."""
        can_hold = not self._loop.is_sleeping and not self._loop.is_halted and self._deliverable() is None
        self._clock.fire_due()
        if can_hold and self._deliverable() is not None:
            self._loop.held_until = elapsed + self._delay

    def _slice_end(self, elapsed: int, end: int) -> int:
        """Where the slice that begins now ends, at `end` at last, in what the engine counts as elapsed."""
        held_until, due = self._loop.held_until, self._clock.next_alarm_elapsed
        slice_end = held_until if held_until > elapsed else elapsed + self._longest
        return min(slice_end, end) if due is None else min(slice_end, end, due)

    def _end(self, limits: Limits) -> int:
        """The nearest limit, in what the engine counts as elapsed; it moves when the clock does otherwise."""
        end = _NEVER if limits.elapsed is None else limits.elapsed
        return end if limits.time_ns is None else min(end, self._clock.elapsed_at(limits.time_ns))

    def _run_slice(self, *, is_step: bool) -> CoreStop | None:
        """Run the engine once and handle how it ended; only breakpoints and steps leave the slice open."""
        loop, engine = self._loop, self.engine
        assert loop.slice_end is not None
        loop.reported_at = None
        budget = max(loop.slice_end - engine.count(), 1)
        stop = engine.step(budget) if is_step else engine.run(budget)
        reason = stop.reason
        if reason is _BREAKPOINT:
            self._loop.reported_at = self._state.pc
            return CoreStop.BREAKPOINT
        was_watched, self._was_watched = self._was_watched, False
        if reason is _WATCHED:
            return CoreStop.WATCHED
        if reason is _STEPPED:
            return CoreStop.STEPPED
        loop = self._loop  # an access may have reset the CPU
        loop.slice_end = None
        if reason is not _BUDGET:
            loop.held_until = 0  # the firmware has gone elsewhere by itself
        if reason is _LOW_POWER:
            self._fall_asleep()
        elif reason is _EXCEPTION or reason is _TRACE:
            vector = int(Vector.TRACE if stop.vector is None else stop.vector)
            if not self._raise(ExceptionEvent(vector, self._state.pc, stop.address)):
                return CoreStop.LOCKED_UP
        if was_watched:
            return CoreStop.WATCHED
        return CoreStop.STEPPED if is_step and reason is not _EXCEPTION else None

    # ---- sleep -------------------------------------------------------------------------------------

    def _fall_asleep(self) -> None:
        """Sleep until something wakes the CPU.

        With a wake-up pending that cannot be delivered, each `wait` of a loop returns at once. If such a loop
        comes round with the same registers, only an alarm can change anything: it sleeps until then.
        """
        state = self._state
        self._loop.is_sleeping = True
        self._loop.sleep_until_ns = 0
        if self._interrupts.wakeup_pending() and self._deliverable() is None:
            self.engine.settle()
            seen, self._loop.last_wait = self._loop.last_wait, (state.pc, state.full_psr, *state.r)
            due_ns = self._clock.next_event_ns
            if seen == self._loop.last_wait:
                self._loop.sleep_until_ns = _NEVER if due_ns is None else due_ns

    def _is_woken(self) -> bool:
        until_ns = self._loop.sleep_until_ns  # mostly 0
        return self._interrupts.wakeup_pending() and (not until_ns or self._clock.now_ns >= until_ns)

    # ---- interrupts and exceptions -------------------------------------------------------------------

    def _interrupts_changed(self) -> None:
        """Something waits for delivery, maybe inside a device access: end the run if it can go ahead."""
        pending = self._interrupts.pending_vector() is not None
        self._late_return.forbid()
        self.engine.set_interrupt_pending(pending)
        if pending:
            self.engine.end_at(0)
        elif self._interrupts.chains_quietly and not self._tells_entries:
            self._late_return.chain(_TSPEND)

    def _deliver_interrupt(self) -> bool:
        """Enter the handler of the most urgent interrupt if PSR allows it; False if the CPU locked up."""
        vector = waiting = self._interrupts.pending_vector()
        if vector is not None and self._state.psr & _DELIVERY == _DELIVERY:
            self._interrupts.acknowledge(vector)
            for observer in self.entry_observers:
                observer(ExceptionEvent(vector, self._state.pc, None))
            if not self._enter(vector):
                return False
            waiting = self._interrupts.pending_vector()
            if vector == _TSPEND and self._interrupts.completes_quietly:
                self._late_return.allow()
        self.engine.set_interrupt_pending(waiting is not None)
        return True

    @property
    def _tells_entries(self) -> bool:
        """Whether the entry of each handler has to be told at once."""
        return bool(self.entry_observers) or self.engine.flow is not None

    def _deliverable(self) -> int | None:
        return self._interrupts.pending_vector() if self._state.psr & _DELIVERY == _DELIVERY else None

    def _raise(self, event: ExceptionEvent) -> bool:
        self.engine.settle()
        self._tell(event)
        is_first = self.engine.executed == self._loop.last_fault_at
        self._loop.last_fault_at = self.engine.executed
        if is_first and self._state.psr & Psr.VEC == Vector.UNRECOVERABLE << Psr.VEC_SHIFT:
            return False  # the first instruction of the last resort fails, and would again
        return self._enter(event.vector)

    def _tell(self, event: ExceptionEvent) -> None:
        for observer in (*self.fault_observers, *self.entry_observers):
            observer(event)

    def _enter(self, vector: int) -> bool:
        """Go to the handler; to that of the unrecoverable error if the vector cannot be read."""
        try:
            enter_exception(self._state, self._bus, vector)
        except CpuException as error:
            self._state.psr &= ~Psr.EE
            table = self._state.control.get(Control.VBR, 0)
            event = ExceptionEvent(Vector.UNRECOVERABLE, self._state.pc, error.address or table)
            self._tell(event)
            try:
                enter_exception(self._state, self._bus, Vector.UNRECOVERABLE)
            except CpuException:
                return False
        self._loop.enter(vector)
        self._late_return.forbid()
        return True


def _copied(state: CpuState | LoopState | EngineState) -> dict[str, Any]:
    """Its attributes, one level deep, which is all that they have."""
    return {name: copy(getattr(state, name)) for name in state.__slots__}
