"""Leaves out the rounds of loops that only wait for a device (ADR 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from emu.engine.contract import CoreEvents, GuestBus, Stop
from emu.engine.memory import Memory
from emu.engine.poll_proof import Proof, prove
from emu.engine.poll_round import Round, RoundRecorder, SeenInstruction
from emu.engine.stepper import Stepper
from emu.isa.insn import Flow
from emu.isa.state import LINK, MASK32, CpuState

MOST_INSTRUCTIONS = 256
"""Of a round; those of longer ones are executed."""
MOST_VISITS = 4
"""A round may come so often to the read that it begins with: a driver's function reads several registers."""
FEWEST_ROUNDS = 4
"""Fewer are not worth it."""
_REGULARLY = 512
"""A place is tried at its second visit, fourth, eighth ... and every 512th: trying takes a small part of the
time, whatever comes of it."""


class PollingEngine(Protocol):
    """What an engine lets the skipper do."""

    state: CpuState

    @property
    def elapsed(self) -> int:
        """See `contract.Engine.elapsed`."""
        ...

    @property
    def limit(self) -> int:
        """See `contract.Engine.limit`."""
        ...

    def leave_out(self, instructions: int, cost: int) -> None:
        """Count instructions that are not executed."""


class PollSkipper:
    """Watches places that read devices, and takes loops of them to where something comes of it."""

    def __init__(
        self,
        engine: PollingEngine,
        bus: GuestBus,
        memory: Memory,
        events: CoreEvents,
        stepper: Stepper,
        interpret: Callable[[], Stop | None],
    ) -> None:
        """`interpret` executes the instruction at pc by `stepper`; it gives a `Stop` if the run ends.

        `memory` is what the stepper's instructions see.
        """
        self._engine = engine
        self._interpret = interpret
        self._bus = bus
        self._memory = memory
        self._events = events
        self._stepper = stepper
        self._visits: dict[int, int] = {}

    def is_due(self, pc: int) -> bool:
        """Whether to try it at the read at `pc`, which has been met again."""
        visits = self._visits[pc] = self._visits.get(pc, 0) + 1
        return visits > 1 and (not visits & visits - 1 or not visits % _REGULARLY)

    def skip(self, breakpoints: frozenset[int]) -> Stop | None:
        """Execute a round of a loop that begins here, and leave the next ones out if that is exact.

        A `Stop` if the run ends meanwhile. Nothing is left out where breakpoints are.
        """
        engine = self._engine
        start = engine.state.pc
        seen = Round.beginning(engine.state, engine.elapsed)
        recorder = RoundRecorder(self._bus.regions, self._memory, self._events, lambda: engine.elapsed, seen)
        for _ in range(MOST_VISITS):
            with self._stepper.through(recorder):
                stop = self._execute_until(start, seen, recorder, breakpoints)
            if stop is not None or recorder.is_lost:
                return stop
            if engine.state.r[LINK] != seen.registers[LINK]:
                continue  # called from elsewhere
            proof = prove(seen, engine.elapsed, engine.limit, self._bus)
            if proof is not None:
                self._leave_out(seen, proof)
                return None
        return None

    def _execute_until(
        self, start: int, seen: Round, recorder: RoundRecorder, breakpoints: frozenset[int]
    ) -> Stop | None:
        """Execute until the loop comes back to its beginning, or it becomes clear that this helps nothing."""
        state = self._engine.state
        while True:
            pc = state.pc
            if pc in breakpoints or len(seen.instructions) == MOST_INSTRUCTIONS:
                recorder.is_lost = True
                return None
            if (stop := self._interpret()) is not None:
                return stop
            row, operands = self._stepper.executed
            seen.instructions.append(SeenInstruction(pc, row, operands))
            recorder.is_lost |= row.flow is Flow.SYSTEM
            if recorder.is_lost or state.pc == start:
                return None

    def _leave_out(self, seen: Round, proof: Proof) -> None:
        """Go behind the last round proven to go the same way."""
        engine, state, rounds = self._engine, self._engine.state, proof.rounds
        if rounds < FEWEST_ROUNDS:
            return
        self._visits[state.pc] = 1
        engine.leave_out(rounds * len(seen.instructions), rounds * (engine.elapsed - seen.elapsed))
        for place, value in proof.end(rounds).items():
            if isinstance(place, int):
                state.r[place] = value & MASK32
            else:
                address, size_bytes = place
                self._memory.write(address, value & (1 << 8 * size_bytes) - 1, size_bytes)
