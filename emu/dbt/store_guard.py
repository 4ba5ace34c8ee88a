"""The guard of a store into a page that translated code was made from.

Python is told of each store into such a page, but for those through a view of it. Each of its bytes has a
guard: -1 if no store of up to `LONGEST_BYTES` there touches what was translated, else 0. The guards of all
other addresses are 0.
`st.w r1, (r2, 12)` with its guard:

    add x27, x2, x28, lsl #2      to the guards
    ldrsb x27, [x27, #12]
    and x27, x27, #STORE_VIEW     0, or how far the view is away
    add x27, x27, x2
    str w1, [x27, #12]
"""

from __future__ import annotations

from emu.dbt import a64
from emu.dbt.host import EXIT, GUARDS, STORE_VIEW
from emu.dbt.regmap import BASE, NEXT_PC

LONGEST_BYTES = 4
_SCRATCH = NEXT_PC  # free until a jump
_SHIFT = (GUARDS // EXIT).bit_length() - 1


def guard(rn: int, offset: int) -> list[int]:
    """Code behind which a store at `offset` from X27 is the guarded one at `offset` from `rn`."""
    code = [a64.rrr(a64.ADD, _SCRATCH, rn, BASE, True, a64.shifted(a64.LSL, _SHIFT))]
    if a64.fits_offset(offset, 1):
        code.append(a64.ldrsb(_SCRATCH, _SCRATCH, offset))
    else:
        code += a64.add_number(_SCRATCH, _SCRATCH, offset, offset)
        code.append(a64.ldrsb(_SCRATCH, _SCRATCH, 0))
    way = a64.logic_imm(a64.AND_IMM, _SCRATCH, _SCRATCH, STORE_VIEW, True)
    assert way is not None
    code += way, a64.rrr(a64.ADD, _SCRATCH, _SCRATCH, rn, True)
    return code


def is_guard(word: int) -> bool:
    """Whether an instruction looks a guard up; nothing else is such a load."""
    return a64.is_ldrsb(word)
