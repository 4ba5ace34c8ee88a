"""Random straight and branching programs: the translator against the interpreter.

Both back ends share the semantic functions, so this finds mistakes of the emitter, the builder and the
engine; the meaning itself is pinned by the vectors (tests/isa). A failure prints the seed and the program.
"""

from __future__ import annotations

import random

import pytest
from support.guest import DEVICE, FLASH, SRAM, Guest

from emu.dbt.execution import Stop, StopReason
from emu.isa.disasm import disassemble
from emu.isa.insn import Flow, Insn
from emu.isa.state import Control, Psr
from emu.isa.table import INSNS

SEED = 20261123
LENGTH = 60
INTERESTING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
PLAIN = [row for row in INSNS if row.flow is Flow.NEXT or row.mnemonic in ("psrset", "psrclr", "mfcr")]
CONDITIONAL = [row for row in INSNS if row.flow is Flow.CONDITIONAL]


def random_encoding(rng: random.Random, row: Insn) -> bytes:
    while True:
        word = rng.getrandbits(row.size_bytes * 8) & ~row.mask | row.match
        if row.is_defined(word):
            break
    if row.size_bytes == 2:
        return word.to_bytes(2, "little")
    return (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little")


def conditional_branch(rng: random.Random, row: Insn, offset: int) -> bytes:
    """A random conditional branch to `offset` bytes from itself."""
    word = rng.getrandbits(row.size_bytes * 8) & ~row.mask | row.match
    for operand in row.operands:
        if operand.name == "offset":
            lsb, width = operand.parts[0]
            word = word & ~((1 << width) - 1 << lsb) | operand.kind.raw(offset, width) << lsb
    if row.size_bytes == 2:
        return word.to_bytes(2, "little")
    return (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little")


def random_program(rng: random.Random) -> list[bytes]:
    """Instructions with forward and backward conditional branches among them; ends in `br .`."""
    code: list[bytes] = []
    starts: list[int] = []
    at = 0
    for _ in range(LENGTH):
        starts.append(at)
        if rng.random() < 0.15:
            row = rng.choice(CONDITIONAL)
            offset = rng.choice(starts[-8:]) - at if rng.random() < 0.5 else row.size_bytes
            code.append(conditional_branch(rng, row, offset))
        else:
            code.append(random_encoding(rng, rng.choice(PLAIN)))
        at += len(code[-1])
    return [*code, (0x0400).to_bytes(2, "little")]


def random_register(rng: random.Random) -> int:
    """Often an address in memory, in flash or of the device, sometimes nowhere."""
    kind = rng.random()
    if kind < 0.45:
        return SRAM + 0x1000 + rng.randrange(0x4_0000) & ~(3 if rng.random() < 0.8 else 0)
    if kind < 0.5:
        return rng.choice((FLASH + 0x4000, DEVICE + 0x20, 0x6000_0000, 0xFFFF_FFF0))
    return rng.choice(INTERESTING) if kind < 0.75 else rng.getrandbits(32)


def random_float(rng: random.Random) -> int:
    """Often one that other numbers do not vanish beside, sometimes nothing to compute with."""
    if rng.random() < 0.3:
        return rng.choice(
            (0, 1, 0x0080_0000, 0x7F7F_FFFF, 0x7F80_0000, 0x7FC0_0001, 0x7F80_0001, 0xBF80_0000)
        )
    return rng.getrandbits(1) << 31 | rng.randrange(110, 145) << 23 | rng.getrandbits(23)


def set_up(kind: str, rng: random.Random, base: int) -> Guest:
    guest = Guest(kind)
    guest.bus.on_read = lambda offset: 0xA5A5_0000 | offset
    guest.put(base, *random_program(rng))
    guest.put(SRAM + 0x1000, rng.randbytes(0x4_0000))
    guest.put(FLASH + 0x4000, rng.randbytes(0x1000))
    guest.state.r[:] = [random_register(rng) for _ in range(32)]
    guest.state.fr[:] = [random_float(rng) for _ in range(16)]
    guest.state.c = rng.getrandbits(1)
    guest.state.psr |= 0 if rng.random() < 0.8 else Psr.MM
    guest.state.pc = base
    return guest


def run(guest: Guest, steps: int) -> list[tuple[Stop, int, int, list[int], list[int], int, int, int]]:
    """Run a while; past each fault, skip the instruction. Gives everything there is to see at each stop."""
    seen = []
    for _ in range(steps):
        stop = guest.engine.run(50)
        state = guest.state
        registers, floats, flags = list(state.r), list(state.fr), state.control.get(Control.FESR, 0)
        seen.append((stop, state.pc, guest.engine.executed, registers, floats, state.c, state.psr, flags))
        if stop.reason is StopReason.EXCEPTION:
            state.pc += 4 if guest.bus.read(state.pc & ~1, 2) >= 0xC000 else 2
    return seen


def listing(guest: Guest, base: int) -> str:
    lines, pc = [], base
    for _ in range(LENGTH):
        first, second = guest.bus.read(pc, 2), guest.bus.read(pc + 2, 2)
        lines.append(f"{pc:#x}: {disassemble(first, second, pc)}")
        pc += 4 if first >= 0xC000 else 2
    return "\n".join(lines)


@pytest.mark.parametrize("base", [FLASH, SRAM], ids=["flash", "sram"])
@pytest.mark.parametrize("block", range(5))
def test_random_programs_do_the_same_on_both_back_ends(base: int, block: int) -> None:
    for number in range(20):
        seed = SEED + block * 1000 + number
        pair = [set_up(kind, random.Random(seed), base) for kind in ("interpreter", "translator")]
        want, have = (run(guest, 12) for guest in pair)
        for step, (expected, actual) in enumerate(zip(want, have, strict=True)):
            assert actual == expected, f"seed {seed}, stop {step}\n{listing(pair[0], base)}"
        assert pair[0].bus.sram.buffer == pair[1].bus.sram.buffer, f"seed {seed}: memory differs"
