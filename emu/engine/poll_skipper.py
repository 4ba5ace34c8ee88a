"""Leaves out the rounds of loops that only wait for a device (ADR 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from emu.engine.contract import CoreEvents, GuestBus, Stop
from emu.engine.memory import Memory
from emu.engine.poll_accesses import Accesses
from emu.engine.poll_proof import Proof, prove
from emu.engine.poll_round import Round, RoundRecorder, SeenInstruction
from emu.engine.poll_values import CONDITION
from emu.engine.stepper import Stepper
from emu.isa.insn import Flow
from emu.isa.state import LINK, MASK32, CpuState

MOST_INSTRUCTIONS = 256
"""Of a round; those of longer ones are executed."""
MOST_VISITS = 4
"""A round may come so often to the read that it begins with: a driver's function reads several registers."""
MOST_WAYS = 1024
"""Loops that are remembered: a link register that holds other things makes one loop many."""
WORTH_ROUNDS = 32
"""To leave fewer out takes longer than to execute them."""
WORTH_COST = 20_000
"""The same of what is followed, whose reads take no longer than other instructions."""
TRUST = 3
"""A loop may come to nothing so often in a row until it has to be met as a new one: its last rounds do."""
_REGULARLY = 512
"""A place is tried at its second visit, fourth, eighth ... and every 512th: trying takes a small part of the
time, whatever comes of it."""

Where = tuple[int, int]
"""A read: its pc, and the link register, for a function may read for many loops."""


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
        self.polled: set[int] = set()
        """Addresses that a loop polled which was worth it: every read of them is a visit."""
        self.followed: set[int] = set()
        """Addresses of counts of time, and of others that are worked out like them: who asks follows them,
        and tells visits by `visit`."""
        self._engine = engine
        self._interpret = interpret
        self._bus = bus
        self._memory = memory
        self._events = events
        self._stepper = stepper
        self._visits: dict[int, int] = {}
        self._ways: dict[Where, Round] = {}
        """Of the loops that were left out before, by the read that they begin with."""
        self._visited: dict[int, Where] = {}  # the latest read of each address that is polled

    def is_due(self, where: Where, address: int) -> bool:
        """Whether to try it at a read, which is visited."""
        if address in self.polled:  # at the second visit it is a loop
            is_again = self._visited.get(address) == where
            self._visited[address] = where
            return is_again
        return self.visit(where)

    def visit(self, where: Where) -> bool:
        """The same, whatever is known of the address."""
        pc, _ = where
        visits = self._visits[pc] = self._visits.get(pc, 0) + 1
        return visits > 1 and (not visits & visits - 1 or not visits % _REGULARLY)

    def is_known(self, where: Where) -> bool:
        """Whether rounds of a loop that begins there were left out, which was worth it."""
        return where in self._ways

    def follow(self, address: int) -> None:
        """Have all reads of an address asked about, for it is worked out if they come in a row."""
        self.followed.add(address)
        self.polled.add(address)

    def unfollow(self, address: int) -> None:
        """Treat it like others again, whose reads are no visits."""
        self.followed.discard(address)
        self.polled.discard(address)

    def skip(self, address: int, breakpoints: frozenset[int]) -> Stop | None:
        """Leave out the rounds of a loop that begins here with a read of `address`, if that is exact.

        To get to know the loop, one is executed: a `Stop` if the run ends meanwhile. Nothing is left out
        where breakpoints are.
        """
        self._visited.clear()
        if address not in self.followed:
            self.polled.discard(address)
        where = self._engine.state.pc, self._engine.state.r[LINK]
        way = self._ways.pop(where, None)
        if way is None or not way.is_there:
            return self._learn(where, address, breakpoints)
        if not (breakpoints and way.meets(breakpoints)):
            self._leave_out(way, address)
            self._remember(where, way, address)
        return None

    def _learn(self, where: Where, address: int, breakpoints: frozenset[int]) -> Stop | None:
        """Execute a round, and leave the next ones out."""
        engine = self._engine
        state, begun, way = engine.state, engine.elapsed, Round()
        start, link = where
        recorder = RoundRecorder(
            self._bus.regions, self._memory, self._events, lambda: engine.elapsed - begun, way
        )
        for _ in range(MOST_VISITS):
            with self._stepper.through(recorder):
                stop = self._execute_until(start, way, recorder, breakpoints)
            if stop is not None or recorder.is_lost:
                return stop
            if state.r[LINK] != link:
                continue  # called from elsewhere
            way.cost = engine.elapsed - begun
            if self._leave_out(way, address):
                break
        self._remember(where, way, address)
        return None

    def _remember(self, where: Where, way: Round, address: int) -> None:
        """Go that way at once from now on, if it is worth it."""
        if way.trust:
            if not way.code:
                way.keep_code(self._bus.regions)
            if len(self._ways) == MOST_WAYS:
                self._ways.clear()
            self._ways[where] = way
            self.polled.add(address)

    def _execute_until(
        self, start: int, way: Round, recorder: RoundRecorder, breakpoints: frozenset[int]
    ) -> Stop | None:
        """Execute until the loop comes back to its beginning, or it becomes clear that this helps nothing."""
        state = self._engine.state
        while True:
            pc = state.pc
            if pc in breakpoints or len(way.instructions) == MOST_INSTRUCTIONS:
                recorder.is_lost = True
                return None
            if (stop := self._interpret()) is not None:
                return stop
            row, operands = self._stepper.executed
            way.instructions.append(SeenInstruction(pc, row, operands))
            recorder.is_lost |= row.flow is Flow.SYSTEM
            if recorder.is_lost or state.pc == start:
                return None

    def _leave_out(self, way: Round, address: int) -> bool:
        """Go behind the last round proven to go that way; False if nothing is proven."""
        engine = self._engine
        accesses = Accesses(way, engine.elapsed, self._bus, self._events)
        proof = prove(way, engine.state, accesses, engine.limit)
        if proof is not None and proof.rounds:
            engine.leave_out(proof.rounds * len(way.instructions), proof.rounds * way.cost)
            self._write(proof)
            if address in self.followed:
                is_worth_it = proof.rounds * way.cost >= WORTH_COST
            else:
                is_worth_it = proof.rounds >= WORTH_ROUNDS or engine.elapsed + way.cost >= engine.limit
            if is_worth_it:
                self._visits[engine.state.pc] = 1
                way.trust = TRUST
                return True
        way.trust = max(way.trust - 1, 0)
        return proof is not None

    def _write(self, proof: Proof) -> None:
        state = self._engine.state
        for place, value in proof.ends().items():
            if place == CONDITION:
                state.c = value
            elif isinstance(place, int):
                state.r[place] = value & MASK32
            else:
                address, size_bytes = place
                self._memory.write(address, value & (1 << 8 * size_bytes) - 1, size_bytes)
