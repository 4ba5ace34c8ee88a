"""What is known of an instruction's effects before it is translated: of every row, with random operands."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import NamedTuple

import pytest
from dbt.random_program import random_encoding

from emu.dbt import a64
from emu.dbt.conditions import Kind
from emu.dbt.discovery import Instruction
from emu.dbt.effects import Effect, Effects
from emu.dbt.emitter import Emitter, InterpretError
from emu.dbt.mode import Mode
from emu.dbt.regmap import BASE
from emu.engine.interpreter import Interpreter
from emu.isa.assembler import assemble
from emu.isa.decode import decode
from emu.isa.insn import Flow, Insn
from emu.isa.ops import CpuException
from emu.isa.state import CpuState, Psr
from emu.isa.table import INSNS

PC = 0x1000
ENCODINGS = 8
STATES = 4
KINDS = [kind for kind in Kind if kind is not Kind.BOOL]


class Outcome(NamedTuple):
    """What an instruction did that raised no exception."""

    accesses: int
    changed_condition: bool


class Memory:
    """Answers everywhere, and counts."""

    def __init__(self, rng: Random) -> None:
        self._rng, self.accesses = rng, 0

    def read(self, address: int, size_bytes: int) -> int:
        self.accesses += 1
        return self._rng.getrandbits(8 * size_bytes)

    def write(self, address: int, value: int, size_bytes: int) -> None:
        self.accesses += 1


def instruction(code: bytes) -> Instruction:
    first, second = int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little")
    row = decode(first, second)
    assert row is not None
    word = first << 16 | second if len(code) == 4 else first
    return Instruction(PC, word, len(code), row, row.decode(word))


def items(row: Insn) -> list[Instruction]:
    rng = Random(row.name)
    return [instruction(random_encoding(rng, row)) for _ in range(ENCODINGS)]


def effect_of(item: Instruction) -> Effect:
    return Effects().of(item)


def executed(item: Instruction, rng: Random) -> Outcome | None:
    """Execute an instruction on a random state; None if it raised an exception."""
    state = CpuState(pc=PC, c=rng.getrandbits(1), psr=Psr.S | Psr.MM)
    state.r[:] = [rng.getrandbits(32) for _ in range(32)]
    state.fr[:] = [rng.getrandbits(32) for _ in range(16)]
    before, memory = state.c, Memory(rng)
    interpreter = Interpreter(state, memory)
    interpreter.pc, interpreter.next_pc = PC, item.next_pc
    assert item.insn is not None
    try:
        item.insn.execute(interpreter, *item.operands)
    except CpuException:
        return None
    return Outcome(memory.accesses, state.c != before)


def emitted(item: Instruction, entry: Kind, *, check_alignment: bool = False) -> Emitter | None:
    """The emitter behind the instruction; None if that is left to the interpreter."""
    emitter = Emitter(lambda address: None, Mode(True, check_alignment))
    emitter.condition_kind = entry
    assert item.insn is not None
    try:
        emitter.instruction(item.insn, item.operands, PC)
    except InterpretError:
        return None
    return emitter


@pytest.mark.parametrize("row", INSNS, ids=lambda row: row.name)
def test_what_an_instruction_does_is_what_is_known_of_it(row: Insn) -> None:
    rng = Random(row.name)
    for item in items(row):
        effect = effect_of(item)
        for outcome in filter(None, (executed(item, rng) for _ in range(STATES))):
            assert outcome.accesses == effect.accesses
            assert (
                not outcome.changed_condition or effect.condition_kind is not None or row.flow is Flow.SYSTEM
            )


@pytest.mark.parametrize("row", INSNS, ids=lambda row: row.name)
def test_c_lies_behind_an_instruction_as_is_known_of_it(row: Insn) -> None:
    for item in items(row):
        effect = effect_of(item)
        for entry, check_alignment in product(KINDS, (False, True)):
            emitter = emitted(item, entry, check_alignment=check_alignment)
            known = Kind.BOOL if effect.settles else entry
            assert emitter is None or emitter.condition_kind is (effect.condition_kind or known)


@pytest.mark.parametrize("row", INSNS, ids=lambda row: row.name)
def test_translated_code_has_the_accesses_that_the_instruction_makes(row: Insn) -> None:
    rng = Random(row.name)
    for item in items(row):
        emitter, outcome = emitted(item, Kind.BOOL), executed(item, rng)
        if emitter is not None and outcome is not None:
            words = filter(a64.accesses_memory, emitter.code)
            sizes = [a64.size_of_access(word) for word in words if a64.accessed(word)[0] != BASE]
            assert len(sizes) + sizes.count(8) == outcome.accesses


@pytest.mark.parametrize(
    ("first", "second", "different"),
    [
        (assemble("push16", registers=0), assemble("push16", registers=0x10), "accesses"),
        (
            assemble("mtcr32", rx=1, index=2, bank=0),
            assemble("mtcr32", rx=1, index=0, bank=0),
            "condition_kind",
        ),
        (assemble("mfcr32", rz=1, index=2, bank=0), assemble("mfcr32", rz=1, index=0, bank=0), "settles"),
    ],
    ids=["push", "mtcr", "mfcr"],
)
def test_operands_decide_whoever_asked_first(first: bytes, second: bytes, different: str) -> None:
    effects = Effects()
    assert getattr(effects.of(instruction(first)), different) != getattr(
        effects.of(instruction(second)), different
    )
