"""The host registers an instruction computes in: the temporaries, and behind them borrowed ones.

A borrowed register is the home of a guest register that the instruction has not touched so far. Until it is
given back, the guest register lies in lane 1 of the vector register of the same number, above one of the
FPU's, where only the instruction itself finds it. So an instruction that borrows must neither write FPU
registers nor let others see the guest's, by a fault or by leaving the block: the emitter refuses it.
"""

from __future__ import annotations

from emu.dbt import a64
from emu.dbt.regmap import BORROWABLE, TEMPORARIES
from emu.isa.ops import NotInThisBackEndError

MOST_SHADOWS = 2
"""In temporaries, when an instruction begins."""


class Registers:
    """Which registers are free, borrowed or touched in the instruction being emitted into `code`."""

    def __init__(self, code: list[int]) -> None:
        self._code = code
        self.free: list[int] = []
        """Those in which no value lies."""
        self.borrowed: list[int] = []
        self.touched: set[int] = set()
        """Homes of guest registers that values may lie in."""
        self.shadows: dict[int, int] | None = None
        """Under a mask: guest registers written -> what their new values lie in, temporaries or homes."""

    @property
    def is_crowded(self) -> bool:
        """Whether more temporaries than MOST_SHADOWS hold shadows."""
        return sum(n in TEMPORARIES for n in (self.shadows or {}).values()) > MOST_SHADOWS

    def begin(self) -> None:
        """Begin an instruction."""
        self.free[:] = reversed(TEMPORARIES)
        if self.shadows:
            self.free[:] = (n for n in self.free if n not in self.shadows.values())
        self.borrowed.clear()
        self.touched.clear()

    def take(self) -> int:
        """A register that no value lies in; NotInThisBackEndError if there is none."""
        if not self.free:
            self._borrow()
        return self.free.pop()

    def shadow(self, register: int) -> int:
        """The temporary for the new value of a guest register; NotInThisBackEndError if there is none."""
        assert self.shadows is not None
        if self.shadows.get(register) not in TEMPORARIES:
            if not self.free:
                raise NotInThisBackEndError
            self.shadows[register] = self.free.pop(0)
        return self.shadows[register]

    def _borrow(self) -> None:
        for home in BORROWABLE:
            if home not in self.touched and home not in self.borrowed:
                self._code.append(a64.to_lane(home, home))
                self.borrowed.append(home)
                self.free.append(home)
                return
        raise NotInThisBackEndError

    def give_back(self) -> None:
        """End an instruction: every guest register is at home again."""
        self._code.extend(a64.from_lane(home, home) for home in self.borrowed)
