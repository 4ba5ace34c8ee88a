"""The code by which translated code is entered and left, and the page of memory that it exchanges.

What the engine needs each time goes through that page, which costs nothing to read and write from Python;
the guest's other registers stay in the host's until somebody asks for them.
"""

from __future__ import annotations

import struct
from typing import Final

from emu.dbt import a64, tail_chain
from emu.dbt.host import EXIT, PAGE_BYTES
from emu.dbt.regmap import (
    BASE,
    BUDGET,
    CONDITION,
    CONTROL,
    GENERAL,
    NEXT_PC,
    PENDING,
    PSR,
    TEMPORARIES,
)
from emu.isa.state import SP, Control

_SCRATCH: Final = TEMPORARIES[0]
_ARRIVAL, _BUDGET, _PSR, _CONDITION, _SP, _PENDING, _START = (
    min(CONTROL.values()) - 8 * number for number in range(1, 8)
)

ON_EXIT: Final = (
    *tail_chain.CODE,
    a64.str_(NEXT_PC, BASE, _ARRIVAL, 8),
    a64.str_(BUDGET, BASE, _BUDGET, 8),
    a64.str_(CONDITION, BASE, _CONDITION, 8),
    a64.str_(GENERAL[SP], BASE, _SP, 8),
    a64.fmov_to_general(_SCRATCH, PSR),
    a64.str_(_SCRATCH, BASE, _PSR, 8),
    a64.brk(),
)
"""At EXIT: a run ends at the brk."""

_ON_ENTRY: Final = (
    a64.ldr(BUDGET, BASE, _BUDGET, 8),
    a64.ldr(CONDITION, BASE, _CONDITION, 8),
    a64.ldr(GENERAL[SP], BASE, _SP, 8),
    a64.ldr(_SCRATCH, BASE, _PSR, 8),
    a64.fmov_from_general(PSR, _SCRATCH),
    a64.ldr(_SCRATCH, BASE, _PENDING, 8),
    a64.fmov_from_general(PENDING, _SCRATCH),
    a64.ldr(_SCRATCH, BASE, _START, 8),
    a64.br(_SCRATCH),
)
CODE: Final = struct.pack(f"<{len(ON_EXIT) + len(_ON_ENTRY)}I", *ON_EXIT, *_ON_ENTRY)
"""What lies at EXIT."""
ENTRY: Final = EXIT + 4 * len(ON_EXIT)
"""Where a run starts; it goes on at `Passed.start`."""


WORDS: Final = struct.Struct("=5Qq4Q")
"""Words of the page that change from run to run: the host address to start at, PENDING, r14, C, PSR, the
budget, X27 (reason << 32 | guest pc), EPC, EPSR and VBR."""
WORDS_AT: Final = PAGE_BYTES + _START
RETURNED: Final = struct.Struct("=3Qq4Q")
"""Those that a run may have changed: all from r14 on."""
RETURNED_AT: Final = PAGE_BYTES + _SP
SCRATCH_WORDS: Final = struct.Struct(f"={len(Control.SCRATCH)}Q")
"""The last words of the page, behind these: SS4 to SS0."""
SCRATCH_AT: Final = WORDS_AT + WORDS.size
