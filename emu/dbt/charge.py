"""What instructions cost, as translated code counts it.

The budget in X30 counts costs down. Where every memory has the same cost, the number of instructions follows
from it. Where not, code in the memories of another than the usual cost also counts the difference, its
surplus, so that instructions = (cost - surplus) / usual cost. It lies in the upper half of V19, and takes 3
instructions a block; the usual cost is the highest, for that is the flash, where code mostly is.
"""

from __future__ import annotations

from dataclasses import dataclass

from emu.dbt import a64
from emu.dbt.regmap import BUDGET, SURPLUS
from emu.engine.contract import MemoryRegion


@dataclass(frozen=True, slots=True)
class Charge:
    """What one instruction of a memory is charged."""

    cost: int = 1
    surplus: int = 0

    def spend(self, count: int, most: int, scratch: int) -> list[int]:
        """Host code that charges `count` instructions; of the same length for every count up to `most`."""
        code = a64.add_number(BUDGET, BUDGET, -count * self.cost, -most * self.cost)
        if self.surplus:
            code.append(a64.from_upper(scratch, SURPLUS))
            code += a64.add_number(scratch, scratch, count * self.surplus, most * self.surplus)
            code.append(a64.to_upper(SURPLUS, scratch))
        return code

    def spend_under(self, mask: int, count: int) -> list[int]:
        """Host code that charges `count` instructions if `mask` is all ones, and nothing if it is 0."""
        amount = count * self.cost
        shifts = (a64.shifted(a64.LSL, bit) for bit in range(amount.bit_length()) if amount >> bit & 1)
        return [a64.rrr(a64.ADD, BUDGET, BUDGET, mask, True, shift) for shift in shifts]

    def refund(self, count: int, scratch: int) -> list[int]:
        """Host code that takes a charge back."""
        return self.spend(-count, -count, scratch)


def usual_cost(memories: tuple[MemoryRegion, ...]) -> int:
    """The cost that has no surplus."""
    return max(memory.cost for memory in memories)
