"""Finds out how many rounds of a loop go as one that was executed, and what they change.

The round that begins now, number 0, is gone through with formulas (poll_values.py) in place of numbers. At
first everything that it finds at its beginning is supposed to stay the same, which shows what it makes of
it: `n = n + 1` adds 1, `last = now` remembers a read of a device. If anything has changed, these changes are
supposed a second time. If each place ends the round as its formula says for the beginning of the next one,
the formulas are true for all rounds, as far as branches, addresses and everything else that is no sum
stay the same. What was true when the loop was met before is supposed first of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

from emu.engine.interpreter import Interpreter
from emu.engine.memory import Nowhere
from emu.engine.poll_accesses import Accesses
from emu.engine.poll_round import Round
from emu.engine.poll_values import CONDITION, UNCHANGED, Change, Horizon, Place, Sequence
from emu.engine.values import Number
from emu.isa.ops import CpuException, LowPower, NotInThisBackEndError, Ops, Value
from emu.isa.state import MASK32, CpuState


class Proof:
    """What rounds do: `rounds` of them, from now on, go the same way."""

    def __init__(self, rounds: int, ends: Mapping[Place, Sequence]) -> None:
        self.rounds = rounds
        self._ends = ends

    def ends(self) -> dict[Place, int]:
        """What is behind the last of them in the places that they write, registers read included."""
        return {place: end.v + end.change.after(self.rounds - 1) for place, end in self._ends.items()}


def prove(way: Round, state: CpuState, accesses: Accesses, limit: int) -> Proof | None:
    """See how often the CPU goes that way from here on; no round may end at `limit` or behind."""
    replay = _attempt(way, state, accesses, way.changes)
    if way.changes and (replay is None or not replay.is_proven):
        replay = _attempt(way, state, accesses, {})
    if replay is not None and not replay.is_proven:
        replay = _attempt(way, state, accesses, replay.supposed())
    if replay is None or not replay.is_proven:
        return None
    way.changes = replay.changes
    replay.horizon.end(accesses.last_before(limit))
    return Proof(max(replay.horizon.rounds + 1, 0), replay.ends)


def _attempt(
    way: Round, state: CpuState, accesses: Accesses, supposed: Mapping[Place, Change]
) -> _Replay | None:
    """Go through the round; None where that takes more than formulas, or would go another way."""
    with suppress(NotInThisBackEndError, CpuException):
        return _Replay(way, state, accesses, supposed)
    return None


class _Replay(Ops):
    """Goes through a round with formulas, each place beginning with the change supposed."""

    def __init__(
        self, way: Round, state: CpuState, accesses: Accesses, supposed: Mapping[Place, Change]
    ) -> None:
        self.horizon = Horizon()
        self._way = way
        self._state = state
        self._accesses = accesses
        self._supposed = supposed
        self._now: dict[Place, Sequence] = {}  # of the places that are read or written
        self._beginnings: dict[Place, Sequence] = {}  # of the places that are read before they are written
        self._stored: set[tuple[int, int]] = set()
        self._loaded: set[tuple[int, int]] = set()
        self._access_count = 0
        self.next_pc = start = way.instructions[0].pc
        for self.pc, row, operands in way.instructions:
            if self.pc != self.next_pc:
                raise NotInThisBackEndError
            self.next_pc = self.pc + row.size_bytes & MASK32
            row.execute(self, *operands)
        if self.next_pc != start:
            raise NotInThisBackEndError

    @property
    def changes(self) -> dict[Place, Change]:
        """What is supposed of the places that it reads, but for those that stay the same."""
        return {
            place: begun.change for place, begun in self._beginnings.items() if begun.change is not UNCHANGED
        }

    @property
    def ends(self) -> dict[Place, Sequence]:
        """Registers, C, and the memory that it writes."""
        return {
            place: now for place, now in self._now.items() if isinstance(place, int) or place in self._stored
        }

    def supposed(self) -> dict[Place, Change]:
        """How the places that it reads seem to change from round to round."""
        changes = {}
        for place, found in self._beginnings.items():
            now = self._now[place]
            if now.change is not UNCHANGED:
                changes[place] = now.change.a_round_ago()
            elif (step := _step(found, now)) and place != CONDITION:
                changes[place] = Change(step)
        return changes

    @property
    def is_proven(self) -> bool:
        """Whether each place ends the round as it is supposed to begin the next."""
        return self._keeps_apart() and all(
            now.change.a_round_ago() == found.change and not _step(found, now, found.change.after(1))
            for place, found in self._beginnings.items()
            for now in (self._now[place],)
        )

    def _keeps_apart(self) -> bool:
        """Memory is known by the accesses to it: none may change a part of another's, or code."""
        if not self._stored:
            return True
        owners = {byte: place for place in self._stored for byte in range(place[0], sum(place))}
        code = {(pc, row.size_bytes) for pc, row, _ in self._way.instructions}
        return all(
            owners.get(byte, place) == place
            for place in self._stored | self._loaded | code
            for byte in range(place[0], sum(place))
        )

    # ---- places ----------------------------------------------------------------------------------

    def _get(self, place: Place, value: int) -> Sequence:
        now = self._now.get(place)
        if now is None:
            now = Sequence(self.horizon, value, self._supposed.get(place, UNCHANGED))
            self._now[place] = self._beginnings[place] = now
        return now

    def __getitem__(self, register: int) -> Sequence:
        return self._get(register, self._state.r[register])

    def __setitem__(self, register: int, value: Value | int) -> None:
        self._now[register] = self._value(value).low()

    @property
    def c(self) -> Value:
        return self._get(CONDITION, self._state.c)

    @c.setter
    def c(self, value: Value | int) -> None:
        self._now[CONDITION] = Sequence(self.horizon, self._value(value).constant().v)

    def _value(self, value: Value | int) -> Sequence:
        if isinstance(value, int):
            return Sequence(self.horizon, value)
        assert isinstance(value, Sequence)
        return value

    def load(self, address: Value | int, size_bytes: int, *, signed: bool = False) -> Value:
        at = self._value(address).constant().v
        found = self._accesses.load(self._number(), at, size_bytes)
        msb = 8 * size_bytes - 1
        if found.is_device:
            loaded = Sequence(self.horizon, found.value, found.change)
        else:
            self._loaded.add((at, size_bytes))
            loaded = self._get((at, size_bytes), found.value)
        return loaded.signed_bits(msb, 0) if signed else loaded.bits(msb, 0) if msb < 31 else loaded

    def store(self, address: Value | int, size_bytes: int, value: Value) -> None:
        at = self._value(address).constant().v
        self._accesses.store(self._number(), at, size_bytes)
        self._stored.add((at, size_bytes))
        stored = self._value(value).low()
        self._now[at, size_bytes] = stored.bits(8 * size_bytes - 1, 0) if size_bytes < 4 else stored

    def _number(self) -> int:
        self._access_count += 1
        return self._access_count - 1

    def load_literal(self, address: int) -> Value:
        self._loaded.add((address, 4))
        return Sequence(self.horizon, self._accesses.literal(address & MASK32))

    # ---- the rest --------------------------------------------------------------------------------

    def constant(self, value: int) -> Value:
        return Sequence(self.horizon, value)

    def select(self, condition: Value, if_one: Value | int, if_zero: Value | int) -> Value:
        return self._value(if_one if self._value(condition).constant().v else if_zero)

    def divide_unsigned(self, dividend: Value, divisor: Value) -> Value:
        if not self._value(divisor).constant().v:
            raise NotInThisBackEndError
        return self._value(dividend).quotient(divisor)

    def divide_signed(self, dividend: Value, divisor: Value) -> Value:
        one, other = self._value(dividend).constant(), self._value(divisor).constant()
        result = Interpreter(CpuState(), Nowhere()).divide_signed(one, other)
        assert isinstance(result, Number)
        return Sequence(self.horizon, result.v, width=result.WIDTH)

    def branch(self, target: int) -> None:
        self.next_pc = target & MASK32

    def branch_if(self, condition: Value, target: int) -> None:
        if self._value(condition).constant().v:
            self.branch(target)

    def jump(self, target: Value) -> None:
        self.next_pc = self._value(target).constant().v & ~1

    # What changes more than registers and memory is not gone through.
    def exception(self, vector: int) -> NoReturn:
        raise NotInThisBackEndError

    def read_control(self, index: int, bank: int) -> NoReturn:
        raise NotInThisBackEndError

    def write_control(self, index: int, bank: int, value: Value) -> NoReturn:
        raise NotInThisBackEndError

    def set_psr_bits(self, mask: int) -> NoReturn:
        raise NotInThisBackEndError

    def clear_psr_bits(self, mask: int) -> NoReturn:
        raise NotInThisBackEndError

    def set_conditions(self, conditions: Value) -> NoReturn:
        raise NotInThisBackEndError

    def return_from_exception(self) -> NoReturn:
        raise NotInThisBackEndError

    def low_power(self, mode: LowPower) -> NoReturn:
        raise NotInThisBackEndError


def _step(before: Sequence, behind: Sequence, change: int = 0) -> int:
    """How much more than `change` one value is than another, read as signed."""
    return (behind.v - before.v - change + (1 << 31) & MASK32) - (1 << 31)
