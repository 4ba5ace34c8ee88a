"""How an instruction leaves its block: requests of the emitter that the builder turns into branches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from emu.dbt.conditions import Kind
from emu.engine.contract import FELL_ASLEEP, NEEDS_ATTENTION, Stop, StopReason
from emu.isa.ops import LowPower


class Reason(IntEnum):
    """Why translated code is left; bits 63..32 of X27."""

    ARRIVED = 0
    """At a guest pc by an indirect jump, or with the budget used up: no link is wanted."""
    LINK = 1
    """At a guest pc by a direct jump that is not linked yet."""
    INTERPRET = 2
    """The instruction at the guest pc has to be interpreted."""
    ATTENTION = 3
    """An instruction enabled a pending interrupt; the guest pc is the next one."""
    BREAKPOINT = 4
    """The guest pc is a breakpoint."""
    RETURN = 5
    """An exception handler returns to EPC with EPSR; nothing of that has been done."""
    WAIT = 6
    """wait was executed; the guest pc is the next one."""
    DOZE = 7
    """The same of doze."""
    STOP = 8
    """The same of stop."""
    BEGAN = 9
    """The block at the guest pc begins: see tells.py, for this and the next two."""
    TAKEN = 10
    """The conditional branch at the guest pc, executed last, goes to its target."""
    PASSED = 11
    """It goes on behind itself."""


ARRIVED, INTERPRET, ATTENTION, RETURN, BEGAN = map(
    int, (Reason.ARRIVED, Reason.INTERPRET, Reason.ATTENTION, Reason.RETURN, Reason.BEGAN)
)
"""For the engine, which asks at each exit: Python 3.11 looks a member of an Enum up by a call."""
STOPS: dict[int, Stop] = {
    Reason.ATTENTION: NEEDS_ATTENTION,
    Reason.BREAKPOINT: Stop(StopReason.BREAKPOINT),
    Reason.WAIT: FELL_ASLEEP[LowPower.WAIT],
    Reason.DOZE: FELL_ASLEEP[LowPower.DOZE],
    Reason.STOP: FELL_ASLEEP[LowPower.STOP],
}
"""What a run ends with for some of them."""


@dataclass(frozen=True, slots=True)
class SideExit:
    """A branch at word `at` of the code that leaves the block before or behind the current instruction."""

    at: int
    word: int
    reason: Reason
    behind: bool
    kind: Kind
    put_back: tuple[int, ...] = ()
    """What is executed on the way out."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The block's end: a direct branch."""

    target: int


@dataclass(frozen=True, slots=True)
class ConditionalBranch:
    """The block's end: a direct branch, if `test` is true of host register `n`."""

    target: int
    test: Kind
    n: int


@dataclass(frozen=True, slots=True)
class Jump:
    """The block's end: the guest target is in X27."""

    is_return: bool = False
    """Whether it is the link register's."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The block's end: Python has to go on; the guest pc is behind the block."""

    reason: Reason


Terminator = Branch | ConditionalBranch | Jump | Leave
