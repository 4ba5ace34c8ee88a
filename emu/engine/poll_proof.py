"""Finds out how many rounds of a loop go as one that was executed, and what they change.

The round is gone through with formulas (poll_values.py) in place of numbers. At first everything that it
finds at its beginning is supposed to stay the same, which shows what it makes of it: `n = n + 1` adds 1,
`last = now` remembers a read of a device. If anything has changed, these changes are supposed a second time.
If each place ends the round as its formula says for the beginning of the next one, the formulas are true for
all rounds, as far as branches, addresses and everything else that is no sum stay the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

from emu.engine.contract import GuestBus
from emu.engine.interpreter import Interpreter
from emu.engine.memory import Nowhere
from emu.engine.poll_round import Round, SeenAccess
from emu.engine.poll_values import UNCHANGED, Change, Course, Horizon, Sequence
from emu.engine.values import Number
from emu.isa.ops import LowPower, NotInThisBackEndError, Ops, Value
from emu.isa.state import MASK32, CpuState

Place = int | tuple[int, int]
"""A register by its number, `CONDITION`, or memory: address and size."""
CONDITION = 32


class Proof:
    """What rounds like the one seen do: those up to number `rounds` go the same way."""

    def __init__(self, rounds: int, ends: Mapping[Place, Sequence]) -> None:
        self.rounds = rounds
        self._ends = ends

    def end(self, number: int) -> dict[Place, int]:
        """What is in the places that change, at the end of that round."""
        return {
            place: end.v + end.change.after(number)
            for place, end in self._ends.items()
            if end.change is not UNCHANGED
        }


def prove(seen: Round, end: int, limit: int, bus: GuestBus) -> Proof | None:
    """Look into a round that ended with `end` elapsed; no later one may end at `limit` or behind."""
    cost = end - seen.elapsed
    last = seen.last_before(end, limit)
    supposed: dict[Place, Change] = {}
    with suppress(NotInThisBackEndError):
        for _ in range(2):
            horizon = Horizon(last)
            replay = _Replay(seen, supposed, horizon, cost, bus)
            if replay.is_proven:
                return Proof(horizon.rounds, replay.now)
            supposed = replay.supposed()
    return None


class _Replay(Ops):
    """Goes through a round with formulas, each place beginning with the change supposed."""

    def __init__(
        self, seen: Round, supposed: Mapping[Place, Change], horizon: Horizon, cost: int, bus: GuestBus
    ) -> None:
        self.now: dict[Place, Sequence] = {}
        """Of the places that are read or written."""
        self._seen = seen
        self._supposed = supposed
        self._horizon = horizon
        self._cost = cost
        self._bus = bus
        self._beginnings: dict[Place, Sequence] = {}  # of the places that are read before they are written
        self._stored: set[tuple[int, int]] = set()
        self._loaded: set[tuple[int, int]] = set()
        self._accesses = iter(seen.accesses)
        for self.pc, row, operands in seen.instructions:
            self.next_pc = self.pc + row.size_bytes
            self._loaded.add((self.pc, row.size_bytes))
            row.execute(self, *operands)

    def supposed(self) -> dict[Place, Change]:
        """How the places that it reads seem to change from round to round."""
        changes = {}
        for place, found in self._beginnings.items():
            now = self.now[place]
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
            for now in (self.now[place],)
        )

    def _keeps_apart(self) -> bool:
        """Memory is known by the accesses to it: none may change a part of another's, or code."""
        owners = {byte: place for place in self._stored for byte in range(place[0], sum(place))}
        return not self._stored or all(
            owners.get(byte, place) == place
            for place in self._stored | self._loaded
            for byte in range(place[0], sum(place))
        )

    # ---- places ----------------------------------------------------------------------------------

    def _get(self, place: Place, value: int) -> Sequence:
        now = self.now.get(place)
        if now is None:
            now = Sequence(self._horizon, value, self._supposed.get(place, UNCHANGED))
            self.now[place] = self._beginnings[place] = now
        return now

    def __getitem__(self, register: int) -> Sequence:
        return self._get(register, self._seen.registers[register])

    def __setitem__(self, register: int, value: Value | int) -> None:
        self.now[register] = self._value(value).low()

    @property
    def c(self) -> Value:
        return self._get(CONDITION, self._seen.condition)

    @c.setter
    def c(self, value: Value | int) -> None:
        self.now[CONDITION] = Sequence(self._horizon, self._value(value).constant().v)

    def _value(self, value: Value | int) -> Sequence:
        if isinstance(value, int):
            return Sequence(self._horizon, value)
        assert isinstance(value, Sequence)
        return value

    def load(self, address: Value | int, size_bytes: int, *, signed: bool = False) -> Value:
        access = self._access(address)
        msb = 8 * size_bytes - 1
        if access.outlook is not None:
            loaded = self._device(access)
        else:
            place = access.address, access.size_bytes
            self._loaded.add(place)
            loaded = self._get(place, access.value)
        return loaded.signed_bits(msb, 0) if signed else loaded.bits(msb, 0) if msb < 31 else loaded

    def _device(self, access: SeenAccess) -> Sequence:
        outlook = access.outlook
        assert outlook is not None
        if outlook.value_at is None:
            return Sequence(self._horizon, access.value)
        course = Course(outlook.value_at, access.elapsed, self._cost)
        return Sequence(self._horizon, access.value, Change(courses={(course, 0): 1}))

    def store(self, address: Value | int, size_bytes: int, value: Value) -> None:
        access = self._access(address)
        place = access.address, access.size_bytes
        self._stored.add(place)
        stored = self._value(value).low()
        self.now[place] = stored.bits(8 * size_bytes - 1, 0) if size_bytes < 4 else stored

    def _access(self, address: Value | int) -> SeenAccess:
        access = next(self._accesses)
        if self._value(address).constant().v != access.address:
            raise NotInThisBackEndError
        return access

    def load_literal(self, address: int) -> Value:
        self._loaded.add((address, 4))
        return Sequence(self._horizon, self._bus.read(address, 4))

    # ---- the rest --------------------------------------------------------------------------------

    def constant(self, value: int) -> Value:
        return Sequence(self._horizon, value)

    def select(self, condition: Value, if_one: Value | int, if_zero: Value | int) -> Value:
        return self._value(if_one if self._value(condition).constant().v else if_zero)

    def divide_unsigned(self, dividend: Value, divisor: Value) -> Value:
        return self._value(dividend).quotient(divisor)

    def divide_signed(self, dividend: Value, divisor: Value) -> Value:
        one, other = self._value(dividend).constant(), self._value(divisor).constant()
        result = Interpreter(CpuState(), Nowhere()).divide_signed(one, other)
        assert isinstance(result, Number)
        return Sequence(self._horizon, result.v, width=result.WIDTH)

    def branch(self, target: int) -> None:
        """It goes where it went."""

    def branch_if(self, condition: Value, target: int) -> None:
        self._value(condition).constant()

    def jump(self, target: Value) -> None:
        self._value(target).constant()

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
