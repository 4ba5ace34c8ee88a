from __future__ import annotations

import random

import pytest

from emu.engine.interpreter import Interpreter
from emu.isa.assembler import encode
from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Flow, Insn
from emu.isa.operands import BranchOffset
from emu.isa.ops import CpuException, LowPower, Value
from emu.isa.state import LINK, CpuState
from emu.isa.table import INSNS

rows = pytest.mark.parametrize("row", INSNS, ids=lambda row: row.name)


def words_of(row: Insn, count: int = 20) -> list[int]:
    """Random encodings of a row that are defined and belong to no refinement of it."""
    source = random.Random(row.name)
    found: list[int] = []
    for _ in range(100 * count):
        word = row.match | source.getrandbits(row.size_bytes * 8) & ~row.mask
        if lookup(row, word) is row:
            found.append(word)
        if len(found) == count:
            break
    return found


def lookup(row: Insn, word: int) -> Insn | None:
    return decode(word, 0) if row.size_bytes == 2 else decode(word >> 16, word & 0xFFFF)


@rows
def test_every_row_decodes_to_itself(row: Insn) -> None:
    assert words_of(row)


@rows
def test_every_row_round_trips_through_the_assembler(row: Insn) -> None:
    for word in words_of(row):
        operands = dict(zip((operand.name for operand in row.operands), row.decode(word), strict=True))
        assert encode(row, operands) == word


@rows
def test_the_size_follows_from_the_first_bits(row: Insn) -> None:
    assert size_bytes(row.match >> (row.size_bytes * 8 - 16)) == row.size_bytes


@rows
def test_every_row_says_what_it_does(row: Insn) -> None:
    assert row.operation
    assert "\n" not in row.operation.strip()


def test_names_are_unique() -> None:
    assert len({row.name for row in INSNS}) == len(INSNS)


class Memory:
    def read(self, address: int, size_bytes: int) -> int:
        return 0

    def write(self, address: int, value: int, size_bytes: int) -> None:
        pass


class FlowProbe(Interpreter):
    """Notes which kind of flow an instruction shows."""

    def __init__(self) -> None:
        super().__init__(CpuState(), Memory())
        self.seen = Flow.NEXT
        self.linked = False
        self.pc, self.next_pc = 0x1000, 0x1002

    def __setitem__(self, register: int, value: Value | int) -> None:
        self.linked |= register == LINK and value is self.next_pc
        super().__setitem__(register, value)

    def branch(self, target: int) -> None:
        self.seen = Flow.CALL if self.linked else Flow.BRANCH
        self.target = target

    def branch_if(self, condition: Value, target: int) -> None:
        self.seen = Flow.CONDITIONAL
        self.target = target

    def jump(self, target: Value) -> None:
        if self.seen is not Flow.SYSTEM:
            self.seen = Flow.INDIRECT_CALL if self.linked else Flow.INDIRECT

    def exception(self, vector: int) -> None:
        self.seen = Flow.SYSTEM

    def read_control(self, index: int, bank: int) -> Value:
        self.seen = Flow.SYSTEM
        return super().read_control(index, bank)

    def write_control(self, index: int, bank: int, value: Value) -> None:
        self.seen = Flow.SYSTEM

    def set_conditions(self, conditions: Value) -> None:
        self.seen = Flow.SYSTEM

    def return_from_exception(self) -> None:
        self.seen = Flow.SYSTEM

    def low_power(self, mode: LowPower) -> None:
        self.seen = Flow.SYSTEM


@rows
def test_the_declared_flow_is_the_one_that_shows(row: Insn) -> None:
    for word in words_of(row, 5):
        probe = FlowProbe()
        operands = row.decode(word)
        try:
            row.execute(probe, *operands)
        except CpuException:
            assert row.mnemonic.startswith("div")
        assert probe.seen is row.flow
        if row.flow in (Flow.BRANCH, Flow.CONDITIONAL, Flow.CALL):
            assert row.target(probe.pc, operands) == probe.target & 0xFFFF_FFFF


@rows
def test_only_direct_branches_have_a_target(row: Insn) -> None:
    direct = row.flow in (Flow.BRANCH, Flow.CONDITIONAL, Flow.CALL)
    assert direct == (any(isinstance(o.kind, BranchOffset) for o in row.operands) and row.name != "grs32")
