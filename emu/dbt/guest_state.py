"""The guest's CPU state while translated code runs: in the host's registers, and in a page of memory."""

from __future__ import annotations

import struct

from emu.dbt.conditions import Kind
from emu.dbt.float_status import UNTOUCHED, FloatStatus
from emu.dbt.gateway import RETURNED, RETURNED_AT, SCRATCH_AT, SCRATCH_WORDS, WORDS, WORDS_AT
from emu.dbt.host import CONTROL_BASE, EXIT, PAGE_BYTES, Host
from emu.dbt.host_registers import STATUS, D, Q, S, X
from emu.dbt.regmap import (
    BASE,
    BUDGET,
    CONDITION,
    GENERAL,
    LAST_FLOAT,
    LAST_FLOAT_OPERANDS,
    MAY_NOT_RETURN,
    NEVER_WRITTEN,
    NEXT_PC,
    PSR,
    VECTOR,
)
from emu.isa.state import MASK32, SP, Control, CpuState, Psr

_GENERAL = tuple(X[GENERAL[r]] if r in GENERAL else S[VECTOR[r]] for r in range(32))
MOVED = (*_GENERAL, *S[:16], X[BASE], D[LAST_FLOAT], STATUS)
"""Unicorn's numbers of the registers that move between `CpuState` and Unicorn."""
SEEN = (S[PSR], X[CONDITION], X[BUDGET], X[NEXT_PC])
"""Those that are asked for besides where a run has not ended at EXIT."""
_MOVED = struct.Struct(f"={len(MOVED)}Q")
_enter, _leave = WORDS.pack_into, RETURNED.unpack_from
_SEEN = struct.Struct("=2QqQ")
_NOT_C, _PC = ~Psr.C, MASK32 & ~1
_PASSED = _EPC, _EPSR, _VBR = Control.EPC, Control.EPSR, Control.VBR
_RETURN = slice(PAGE_BYTES + MAY_NOT_RETURN, PAGE_BYTES + MAY_NOT_RETURN + 4)
_ALLOWED, _FORBIDDEN = bytes(4), bytes(3) + b"\1"
_SCRATCH_ORDER = Control.SCRATCH[::-1]
_NO_SCRATCH = (NEVER_WRITTEN,) * len(_SCRATCH_ORDER)


class GuestState:
    """Moves a `CpuState` into a host and back.

    pc, PSR, r14, EPC, EPSR and VBR move each time translated code is entered and left at EXIT; the others
    with `give` and `take`.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.page = host.map_data(CONTROL_BASE, PAGE_BYTES)
        self.may_return = False
        self._float_status = FloatStatus()
        self._control = 0, 0, 0
        self._scratch: tuple[int, ...] = ()
        self.reason = 0
        """Why translated code was left (exits.Reason)."""
        self.budget = 0
        """X30 behind the last run."""

    def give(self, state: CpuState) -> None:
        """Copy the registers into the host that `enter` does not."""
        _MOVED.pack_into(self._host.registers, 0, *state.r, *state.fr, EXIT, UNTOUCHED, 0)
        self._host.store()
        self._scratch = tuple(map(state.control.get, _SCRATCH_ORDER, _NO_SCRATCH))
        SCRATCH_WORDS.pack_into(self.page, SCRATCH_AT, *self._scratch)

    def take(self, state: CpuState) -> None:
        """Copy the registers back that `leave` does not."""
        self._host.load()
        sp = state.r[SP]
        self._take(state)
        state.r[SP] = sp

    def enter(self, state: CpuState, pending: int, budget: int, start: int) -> None:
        """Pass what changes from run to run; `pending` are the bits of PSR that an interrupt waits for.

        `start` is the host address to go to.
        """
        known, never = state.control.get, NEVER_WRITTEN
        self._control = epc, epsr, vbr = known(_EPC, never), known(_EPSR, never), known(_VBR, never)
        sp, c, psr = state.r[SP], state.c, state.psr & _NOT_C
        _enter(self.page, WORDS_AT, start, pending, sp, c, psr, budget, 0, epc, epsr, vbr)

    def leave(self, state: CpuState) -> None:
        """Take what a run that ended at EXIT has passed."""
        passed = _leave(self.page, RETURNED_AT)
        state.r[SP], state.c, state.psr, self.budget, arrival, epc, epsr, vbr = passed
        state.pc = arrival & _PC
        self.reason = arrival >> 32
        if (epc, epsr, vbr) != self._control:
            _update(state, _PASSED, (epc, epsr, vbr))

    @property
    def may_return(self) -> bool:
        """Whether a return is allowed, and has not been made."""
        return self.page[_RETURN] == _ALLOWED

    @may_return.setter
    def may_return(self, allowed: bool) -> None:
        self.page[_RETURN] = _ALLOWED if allowed else _FORBIDDEN

    @property
    def passed(self) -> tuple[int, int]:
        """EPSR and VBR, while translated code runs."""
        *_, epsr, vbr = _leave(self.page, RETURNED_AT)
        return epsr & MASK32, vbr & MASK32

    def settle(self, state: CpuState, pc: int | None, kind: Kind) -> None:
        """Copy all back from where the last run was stopped.

        None: it was about to jump to X27; else its pc was `pc`. C lies in its register as `kind`.
        """
        self._host.load()
        self._take(state)
        state.psr, condition, self.budget, arrival = _SEEN.unpack_from(self._host.registers, _MOVED.size)
        state.c = kind.truth(condition)
        state.pc = arrival & _PC if pc is None else pc
        _update(state, _PASSED, _leave(self.page, RETURNED_AT)[5:])

    def _take(self, state: CpuState) -> None:
        registers = _MOVED.unpack_from(self._host.registers)
        state.r[:] = registers[:32]
        state.fr[:] = registers[32:48]
        _, last, status = registers[48:]
        if last != UNTOUCHED:
            operands = [self._host.read_words(Q[vector])[word] for vector, word in LAST_FLOAT_OPERANDS]
            before = state.control.get(Control.FESR, 0)
            state.control[Control.FESR] = self._float_status.updated(before, status, last >> 32, operands)
        scratch = SCRATCH_WORDS.unpack_from(self.page, SCRATCH_AT)
        if scratch != self._scratch:
            _update(state, _SCRATCH_ORDER, scratch)


def _update(state: CpuState, registers: tuple[tuple[int, int], ...], words: tuple[int, ...]) -> None:
    """Take control registers that have been written."""
    known = zip(registers, words, strict=True)
    state.control.update((register, word) for register, word in known if word != NEVER_WRITTEN)
