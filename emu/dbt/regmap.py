"""Where guest state lives on the AArch64 side while translated code runs.

Guest registers that compilers use most have an X register each and are kept zero-extended; the others
lie in S registers (a move away, no memory access). FP registers fr0-fr15 are S0-S15.
"""

from __future__ import annotations

from emu.isa.state import Control

# fmt: off
GENERAL: dict[int, int] = {**{r: r for r in range(16)}, **{r: r for r in range(18, 24)}}
"""Guest register -> X register."""

VECTOR: dict[int, int] = {16: 16, 17: 17, **{r: r for r in range(24, 32)}}
"""Guest register -> S register."""

TEMPORARIES = (16, 17, 24, 25, 26)
"""X registers an instruction may use freely."""

BORROWABLE = tuple(range(15, -1, -1))
"""Homes of guest registers to compute in when these are used up (borrowing.py); rare operands come first."""

NEXT_PC     = 27  # X27: reason << 32 | guest pc, when translated code is left
BASE        = 28  # X28: address of the exit page and of the jump table behind it
CONDITION   = 29  # X29: the C bit, or what it follows from (emitter.Condition)
BUDGET      = 30  # X30: what instructions may cost yet, less 1; negative = used up

PSR         = 18  # S18: PSR without C
SURPLUS     = 19  # V19.D[1]: see charge.py

FLOAT_SCRATCH = 20, 21  # S20, S21: what a float instruction may use freely, and a load (count_detour.py)

LAST_FLOAT  = 22  # V22.S[1]: the last arithmetic floating-point instruction
LAST_FLOAT_OPERANDS = (22, 2), (22, 3), (19, 1)  # (vector, word): the registers it read, in its order

PENDING = 23  # S23: the bits of PSR that leave translated code when an instruction sets them
# fmt: on

CONTROL = {register: -8 * number for number, register in enumerate(Control.PLAIN, 1)}
"""Control register -> offset from X28 of the eight bytes that it has in memory while translated code runs."""

MAY_NOT_RETURN = -256
"""Offset of a word that is 0 while the core allows a return (`contract.LateReturn`), until one is
made. It is the furthest that a load reaches: those of tail_chain.py and gateway.py lie in between."""

NEVER_WRITTEN = 1 << 32
"""What they hold for a register that has no entry in `CpuState.control`; as a word it reads 0."""

COUNT_WORDS = 256
"""Bytes from X28 to the words of count_detour.py; the code of gateway.py lies in between."""

COUNT_SLOTS = 32
"""How many counts can be worked out at a time: of two that have the same and are read in turn, none is."""

TABLE_OFFSET = COUNT_WORDS + 72 * COUNT_SLOTS
"""To the jump table, right behind them."""
