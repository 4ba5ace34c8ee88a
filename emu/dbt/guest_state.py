"""The guest's CPU state while translated code runs: in the host's registers, and in a page of memory."""

from __future__ import annotations

import ctypes
from typing import Any

from emu.dbt.conditions import Kind
from emu.dbt.float_emitter import UNTOUCHED, updated_status
from emu.dbt.host import CONTROL_BASE, EXIT, PAGE_BYTES, Host, S, X
from emu.dbt.regmap import (
    ALL_FLAGS,
    BASE,
    BUDGET,
    CONDITION,
    CONTROL,
    GENERAL,
    LAST_FLAGS,
    NEVER_WRITTEN,
    PENDING,
    PSR,
    VECTOR,
)
from emu.isa.state import Control, CpuState, Psr

MASK64 = 0xFFFF_FFFF_FFFF_FFFF
# What moves between `CpuState` and Unicorn, as slices of Host.registers.
_GENERAL = slice(0, 32)
_FLOAT = slice(32, 48)
_OTHERS = slice(48, 55)
MOVED = (
    *(X[GENERAL[r]] if r in GENERAL else S[VECTOR[r]] for r in range(32)),
    *S[:16],
    *(S[PSR], S[PENDING], X[BASE], X[CONDITION], X[BUDGET], S[LAST_FLAGS], S[ALL_FLAGS]),
)
"""Unicorn's numbers of the registers that `Host` has to load and store."""
_IN_ORDER = tuple(sorted(CONTROL, key=CONTROL.__getitem__))
_DEFAULTS = (NEVER_WRITTEN,) * len(CONTROL)


class GuestState:
    """Moves a `CpuState` into a host and back."""

    def __init__(self, host: Host) -> None:
        self._host = host
        page = host.map_data(CONTROL_BASE, PAGE_BYTES)
        self._entries: Any = (ctypes.c_uint64 * len(CONTROL)).from_buffer(page, PAGE_BYTES - 8 * len(CONTROL))
        self._given: list[int] = []

    def give(self, state: CpuState, pending: int, budget: int) -> None:
        """Copy the state into the host; `pending` are the bits of PSR that an interrupt waits for."""
        registers = self._host.registers
        registers[_GENERAL] = state.r
        registers[_FLOAT] = state.fr
        psr = state.psr & ~Psr.C
        registers[_OTHERS] = [psr, pending, EXIT, state.c, budget & MASK64, UNTOUCHED, 0]
        self._host.store()
        self._entries[:] = self._given = list(map(state.control.get, _IN_ORDER, _DEFAULTS))

    def take(self, state: CpuState, pc: int, kind: Kind) -> None:
        """Copy the state back, its pc being `pc`, and C lying in its register as `kind`."""
        registers = self._host.registers
        self._host.load()
        state.pc = pc
        state.r[:] = registers[_GENERAL]
        state.fr[:] = registers[_FLOAT]
        state.psr, _, _, condition, _, last, everything = registers[_OTHERS]
        state.c = kind.truth(condition)
        if last != UNTOUCHED:
            status = state.control.get(Control.FESR, 0)
            state.control[Control.FESR] = updated_status(status, last, everything)
        entries = self._entries[:]
        if entries != self._given:
            now = zip(_IN_ORDER, entries, strict=True)
            state.control.update((register, entry) for register, entry in now if entry != NEVER_WRITTEN)
