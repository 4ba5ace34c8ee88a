"""The part of the emitter for what is executed under a mask (short_branches.py).

What registers become lies apart from them, in shadows, and is selected at the end:

    eor w16, w26, w0        what r0 becomes, in w26, where it differs,
    and w17, w16, w27       if it is to change,
    eor w0, w0, w17         changed
"""

from __future__ import annotations

from emu.dbt.regmap import GENERAL, NEXT_PC, TEMPORARIES
from emu.dbt.values import Emitted, HostValue, Output
from emu.isa.ops import Ops


class MaskEmitter(Ops, Output):
    """Emits the begin and the end of a mask, and what comes into the place of writes to registers."""

    def begin_mask(self) -> None:
        """From now on, general registers change only if NEXT_PC is all ones, not if it is 0."""
        self.registers.shadows = {}

    def end_mask(self) -> None:
        """Select what the registers have become."""
        self.instructions += 1
        self.registers.begin()
        shadows, self.registers.shadows = self.registers.shadows or {}, None
        self.registers.touched.update(shadows.values())
        for register, n in shadows.items():
            before = self[register]
            self[register] = before ^ (HostValue(self, n) ^ before) & HostValue(self, NEXT_PC)
        self.registers.give_back()

    def room_for_shadows(self) -> dict[int, int] | None:
        """Select those that leave an instruction too little room; gives a copy of the others."""
        if self.registers.shadows is None:
            return None
        if self.registers.is_crowded:
            self.end_mask()
            self.begin_mask()
        return {**self.registers.shadows}

    def shadow(self, register: int, source: Emitted, shadows: dict[int, int]) -> None:
        """Remember what a register becomes.

        The home of another will do, if that is not selected before: it stays as it is until then.
        """
        if isinstance(source, HostValue) and source.alias:
            home = source.reg()
            if home not in TEMPORARIES and home not in (GENERAL.get(other) for other in shadows):
                shadows[register] = home
                return
        source.into(n := self.registers.shadow(register))
        self.generations[n] += 1
