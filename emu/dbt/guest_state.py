"""The guest's CPU state while translated code runs: in the host's registers, and in a page of memory."""

from __future__ import annotations

import struct
from typing import cast

from emu.dbt.conditions import Kind
from emu.dbt.float_status import UNTOUCHED, FloatStatus
from emu.dbt.host import CONTROL_BASE, EXIT, PAGE_BYTES, STATUS, Host, Q, S, X
from emu.dbt.regmap import (
    BASE,
    BUDGET,
    CONDITION,
    CONTROL,
    GENERAL,
    LAST_FLOAT,
    NEVER_WRITTEN,
    NEXT_PC,
    PENDING,
    PSR,
    VECTOR,
)
from emu.isa.state import Control, CpuState, Psr

MASK64 = 0xFFFF_FFFF_FFFF_FFFF
MOVED = (
    *(X[GENERAL[r]] if r in GENERAL else S[VECTOR[r]] for r in range(32)),
    *S[:16],
    *(S[PSR], S[PENDING], X[BASE], X[CONDITION], X[BUDGET], S[LAST_FLOAT], STATUS, X[NEXT_PC]),
)
"""Unicorn's numbers of the registers that move between `CpuState` and Unicorn."""
_MOVED = struct.Struct(f"={len(MOVED)}Q")
_NEXT_PC, _BUDGET = MOVED.index(X[NEXT_PC]), MOVED.index(X[BUDGET])
_IN_ORDER = tuple(sorted(CONTROL, key=CONTROL.__getitem__))
_ENTRIES = struct.Struct(f"={len(CONTROL)}Q")
_ENTRIES_AT = PAGE_BYTES - _ENTRIES.size
_DEFAULTS = (NEVER_WRITTEN,) * len(CONTROL)


class GuestState:
    """Moves a `CpuState` into a host and back."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._page = host.map_data(CONTROL_BASE, PAGE_BYTES)
        self._float_status = FloatStatus()
        self._given = b""

    @property
    def arrival(self) -> int:
        """X27 behind the last run: reason << 32 | guest pc."""
        return cast(int, self._host.registers[_NEXT_PC])

    @property
    def budget(self) -> int:
        """X30 behind the last run."""
        return cast(int, self._host.registers[_BUDGET])

    def give(self, state: CpuState, pending: int, budget: int) -> None:
        """Copy the state into the host; `pending` are the bits of PSR that an interrupt waits for."""
        others = (state.psr & ~Psr.C, pending, EXIT, state.c, budget & MASK64, UNTOUCHED, 0, 0)
        _MOVED.pack_into(self._host.registers, 0, *state.r, *state.fr, *others)
        self._host.store()
        self._given = _ENTRIES.pack(*map(state.control.get, _IN_ORDER, _DEFAULTS))
        self._page[_ENTRIES_AT:] = self._given

    def take(self, state: CpuState, pc: int, kind: Kind) -> None:
        """Copy back what the last run left, its pc being `pc`, and C lying in its register as `kind`."""
        registers = _MOVED.unpack_from(self._host.registers)
        state.pc = pc
        state.r[:] = registers[:32]
        state.fr[:] = registers[32:48]
        state.psr, _, _, condition, _, last, status, _ = registers[48:]
        state.c = kind.truth(condition)
        if last != UNTOUCHED:
            lanes = self._host.read_lanes(Q[LAST_FLOAT])
            before = state.control.get(Control.FESR, 0)
            state.control[Control.FESR] = self._float_status.updated(before, status, lanes)
        entries = self._page[_ENTRIES_AT:]
        if entries != self._given:
            now = zip(_IN_ORDER, _ENTRIES.unpack(entries), strict=True)
            state.control.update((register, entry) for register, entry in now if entry != NEVER_WRITTEN)
