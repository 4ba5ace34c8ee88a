"""From the return of one handler to the next one without leaving translated code.

What an operating system does at each tick: the timer's handler asks for a task switch, whose handler begins
when it returns. What its entry will do is worked out when it is asked for.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final, NamedTuple

from emu.dbt import a64
from emu.dbt.exits import Reason
from emu.dbt.host import PAGE_BYTES
from emu.dbt.mode import MODE_BITS
from emu.dbt.regmap import (
    BASE,
    BUDGET,
    CONDITION,
    CONTROL,
    GENERAL,
    MAY_NOT_RETURN,
    NEXT_PC,
    PSR,
    TABLE_OFFSET,
    TEMPORARIES,
)
from emu.engine.control_registers import SUPERVISOR_SP, Processor
from emu.engine.exceptions import enter_exception
from emu.engine.memory import Memory, Nowhere
from emu.isa.ops import CpuException
from emu.isa.state import SP, Control, CpuState, Psr

_HANDLER, _RESTORED, _SAVED, _PSR, _SP, _LEFT_SP = (MAY_NOT_RETURN + 8 * number for number in range(1, 7))
_WORDS: Final = struct.Struct("=5Q")
_WORDS_AT: Final = PAGE_BYTES + _HANDLER
"""Where the next handler begins, 0 if there is none; the EPSR to return with; that of the next handler; its
PSR; its r14, 0 if that stays."""
_LEFT_SP_AT: Final = PAGE_BYTES + _LEFT_SP
_LEFT: Final = struct.Struct("=Q")
_NONE: Final = bytes(8)
_HERE: Final = -1
"""Stands for what r14 will be."""

_EPSR, _EPC = CONTROL[Control.EPSR], CONTROL[Control.EPC]
_NEXT, _WORD, _OTHER = TEMPORARIES[:3]
_SWITCH: Final = (a64.str_(GENERAL[SP], BASE, _LEFT_SP, 8), a64.mov(GENERAL[SP], _WORD))
_ENTER: Final = (
    a64.logic_imm(a64.AND_IMM, CONDITION, _WORD, Psr.C) or 0,
    a64.ldr(_WORD, BASE, _SAVED, 8),
    a64.str_(_WORD, BASE, _EPSR, 8),
    a64.ldr(_WORD, BASE, _PSR, 8),
    a64.fmov_from_general(PSR, _WORD),
    a64.str_(a64.ZR, BASE, _HANDLER, 8),
    a64.str_(a64.ZR, BASE, MAY_NOT_RETURN, 8),
    a64.mov(NEXT_PC, _NEXT),
    a64.ldr(_WORD, BASE, _SP, 8),
    a64.cbz(_WORD, len(_SWITCH) + 1),
    *_SWITCH,
    a64.lsr_imm(_NEXT, NEXT_PC, 1),
    a64.rrr(a64.ADD, _NEXT, BASE, _NEXT, True, a64.shifted(a64.LSL, 2)),
    a64.ldrsw(_NEXT, _NEXT, TABLE_OFFSET),
    a64.rrr(a64.ADD, _NEXT, _NEXT, BASE, True),
    a64.br(_NEXT),
)
_IF_AS_EXPECTED: Final = (
    a64.ldr(_WORD, BASE, _EPSR, 8),
    a64.ldr(_OTHER, BASE, _RESTORED, 8),
    a64.rrr(a64.EOR, _OTHER, _OTHER, _WORD, True),
    a64.cbnz(_OTHER, len(_ENTER) + 2, True),
    a64.tbnz(BUDGET, 63, len(_ENTER) + 1),
    *_ENTER,
)
_IF_RETURNING: Final = (
    a64.lsr_imm(_WORD, NEXT_PC, 32, True),
    a64.add_imm(_WORD, _WORD, -Reason.RETURN),
    a64.cbnz(_WORD, len(_IF_AS_EXPECTED) + 1),
    *_IF_AS_EXPECTED,
)
CODE: Final = (a64.ldr(_NEXT, BASE, _HANDLER, 8), a64.cbz(_NEXT, len(_IF_RETURNING) + 1), *_IF_RETURNING)
"""What comes first at EXIT: on to the next handler, if there is one and a handler returns."""


class _Plan(NamedTuple):
    """What a return and an entry right behind it make of PSR and r14."""

    saved: int
    """EPSR of the next handler."""
    psr: int
    put_away: tuple[int, int] | None
    """The control register that r14 goes to; None: it stays."""
    taken: tuple[int, int] | None
    """That it comes from."""


class _Zeros(Nowhere):
    """The vector table of who does not ask for the handler."""

    def read(self, address: int, size_bytes: int) -> int:
        return 0


@lru_cache(64)
def _plan(psr: int, epsr: int, chr_: int, vector: int) -> _Plan:
    """Execute both, with numbers below 0 for stack pointers."""
    stacks = {_HERE - 1: Control.USER_SP, _HERE - 2: Control.INT_SP, _HERE - 3: SUPERVISOR_SP}
    state = CpuState(psr=psr)
    state.control = {register: mark for mark, register in stacks.items()}
    state.control |= {Control.EPSR: epsr, Control.CHR: chr_}
    state.r[SP] = _HERE
    Processor(state).return_from_exception()
    enter_exception(state, _Zeros(), vector)
    put_away = next((register for register, word in state.control.items() if word == _HERE), None)
    return _Plan(state.control[Control.EPSR], state.psr, put_away, stacks.get(state.r[SP]))


class TailChain:
    """What comes behind the handler that runs, as words of the page of `GuestState`."""

    def __init__(self, page: bytearray, state: CpuState, memory: Memory) -> None:
        self._page = page
        self._state = state
        self._memory = memory
        self._plan: _Plan | None = None

    @property
    def is_set(self) -> bool:
        """Whether a handler comes behind it, and has not been entered."""
        return self._page[_WORDS_AT : _WORDS_AT + 8] != _NONE

    def clear(self) -> None:
        """None does."""
        self._page[_WORDS_AT : _WORDS_AT + 8] = _NONE

    def set(self, vector: int, epsr: int, vbr: int) -> bool:
        """Let the handler of `vector` come; False: that is left to Python. EPSR and VBR are those of now."""
        state, control = self._state, self._state.control
        if epsr & Psr.DELIVERY != Psr.DELIVERY or state.held_conditions != 1:
            return False
        plan = _plan(state.psr, epsr, control.get(Control.CHR, 0), vector)
        taken = control.get(plan.taken, 0) if plan.taken else 0
        try:
            handler = self._memory.read(vbr + 4 * vector, 4) & ~1
        except CpuException:  # the vector cannot be read
            return False
        if not handler or bool(taken) != bool(plan.taken) or (plan.psr ^ state.psr) & MODE_BITS:
            return False
        self._plan = plan
        _WORDS.pack_into(self._page, _WORDS_AT, handler, epsr, plan.saved, plan.psr, taken)
        return True

    def settle(self) -> None:
        """Give `state` what the entry has changed there: what is known of the next return depends on it."""
        assert self._plan is not None
        self._state.psr = self._plan.psr
        if self._plan.put_away is not None:
            (self._state.control[self._plan.put_away],) = _LEFT.unpack_from(self._page, _LEFT_SP_AT)
