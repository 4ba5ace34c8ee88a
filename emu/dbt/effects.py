"""What an instruction does to the C bit, and how often it accesses memory.

Both follow from what its function says of the operands at hand: `push` does not store without registers, and
`mtcr` writes C only to PSR. The interpreter executes it once where nothing comes of it. Only of those that
touch C, which are few, is it asked of the emitter how C lies behind them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from emu.dbt.conditions import Kind
from emu.dbt.discovery import REMEMBERED, Block, Instruction
from emu.dbt.emitter import Emitter, InterpretError
from emu.dbt.mode import Mode
from emu.engine.interpreter import Interpreter
from emu.engine.memory import Nowhere
from emu.engine.values import Word
from emu.isa.insn import Flow, Insn
from emu.isa.ops import CpuException, Value
from emu.isa.state import Control, CpuState, Psr

_ONES = [1] * 32


@dataclass(frozen=True, slots=True)
class Effect:
    """`condition_kind`: how the instruction leaves C, None if it leaves it alone."""

    condition_kind: Kind | None = None
    settles: bool = False  # reads C as a number, which leaves it as BOOL
    accesses: int = 0


class Effects:
    """Remembers effects by instruction word."""

    def __init__(self) -> None:
        self._known: dict[int, Effect] = {}
        self._plain: dict[int, bool] = {}
        self._maskable: dict[tuple[int, ...], bool] = {}
        self._rehearsal = _Rehearsal()

    def of(self, item: Instruction) -> Effect:
        """The effect of an instruction."""
        known = self._known.get(item.word)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[item.word] = self._find(item)
        return known

    def _find(self, item: Instruction) -> Effect:
        if item.insn is None:
            return Effect()
        rehearsal = self._rehearsal
        rehearsal.play(item, item.insn)
        if not rehearsal.touches_condition:
            return Effect(accesses=rehearsal.accesses)
        emitter = Emitter(lambda address: None, Mode(supervisor=True, check_alignment=False))
        emitter.condition_kind = Kind.NONZERO
        try:
            emitter.instruction(item.insn, item.operands, item.pc)
        except InterpretError:
            return Effect(accesses=rehearsal.accesses)
        if emitter.wrote_condition:
            return Effect(emitter.condition_kind, False, rehearsal.accesses)
        return Effect(None, emitter.condition_kind is Kind.BOOL, rehearsal.accesses)

    def can_be_masked(self, block: Block) -> bool:
        """Whether a block does nothing but write general registers, and can do so under a mask.

        It may read `literals`, if they are known.
        """
        if not all(map(self._is_plain, block.instructions)):
            return False
        words = tuple(item.word for item in block.instructions)
        known = self._maskable.get(words)
        if known is None:
            if len(self._maskable) >= REMEMBERED:
                self._maskable.clear()
            known = self._maskable[words] = _fits_under_mask(block)
        return known

    def _is_plain(self, item: Instruction) -> bool:
        """Whether the instruction goes on to the next one, and leaves C and memory alone."""
        known = self._plain.get(item.word)
        if known is None:
            if len(self._plain) >= REMEMBERED:
                self._plain.clear()
            known = False
            if item.insn is not None and item.insn.flow is Flow.NEXT:
                rehearsal = self._rehearsal
                rehearsal.play(item, item.insn)
                accesses = rehearsal.accesses - len(rehearsal.literals)
                known = not (rehearsal.touches_condition or accesses)
            self._plain[item.word] = known
        return known

    def literals(self, item: Instruction) -> list[int]:
        """Where the literals are that the instruction reads."""
        if item.insn is None:
            return []
        self._rehearsal.play(item, item.insn)
        return self._rehearsal.literals

    def exit_kind(self, block: Block, entry: Kind) -> Kind:
        """How C lies at the end of a block that is entered with `entry`."""
        for item in reversed(block.instructions):
            effect = self.of(item)
            if effect.condition_kind is not None:
                return effect.condition_kind
            if effect.settles:
                return Kind.BOOL
        return entry

    def entry_kinds(self, blocks: list[Block]) -> dict[int, Kind]:
        """How C shall lie at each block's start: as its back edges deliver it, so that loops pay nothing."""
        sources: dict[int, list[Block]] = {block.start: [] for block in blocks}
        for block in blocks:
            for target in block.successors:
                if target in sources:
                    sources[target].append(block)
        kinds = {block.start: Kind.BOOL for block in blocks}
        for _ in range(2):
            for block in blocks:
                delivered = [self.exit_kind(s, kinds[s.start]) for s in sources[block.start]]
                loops = [
                    kind
                    for s, kind in zip(sources[block.start], delivered, strict=True)
                    if s.start >= block.start
                ]
                if loops:
                    kinds[block.start] = loops[0]
                elif delivered:
                    kinds[block.start] = delivered[0] if len(set(delivered)) == 1 else Kind.BOOL
        return kinds


def _fits_under_mask(block: Block) -> bool:
    """Whether the emitter has room for it, and no way out of it."""
    emitter = Emitter(lambda address: None, Mode(supervisor=False, check_alignment=False))
    emitter.begin_mask()
    for item in block.instructions:
        assert item.insn is not None
        try:
            emitter.instruction(item.insn, item.operands, item.pc)
        except InterpretError:
            return False
        if emitter.float_reads or emitter.float_writes or emitter.side_exits or emitter.registers.borrowed:
            return False
    return True


class _Rehearsal(Interpreter):
    """Executes instructions on a state and a memory that nobody looks at, and notes what they touch."""

    def __init__(self) -> None:
        super().__init__(CpuState(psr=Psr.S | Psr.MM), Nowhere())
        self.touches_condition = False
        self.accesses = 0
        self.literals: list[int] = []

    def play(self, item: Instruction, insn: Insn) -> None:
        """Execute an instruction as if nothing had gone before, with no divisor 0."""
        self.touches_condition = False
        self.accesses = 0
        self.literals = []
        self.state.r[:] = _ONES
        self.pc, self.next_pc = item.pc, item.next_pc
        with suppress(CpuException):
            insn.execute(self, *item.operands)

    @property
    def c(self) -> Value:
        """See `Ops.c`."""
        self.touches_condition = True
        return Word(0)

    @c.setter
    def c(self, value: Value | int) -> None:
        self.touches_condition = True

    def read_control(self, index: int, bank: int) -> Value:
        """See `Ops.read_control`: PSR has the C bit in it."""
        self.touches_condition |= (index, bank) == Control.PSR
        return Word(0)

    def write_control(self, index: int, bank: int, value: Value) -> None:
        """See `Ops.write_control`."""
        self.touches_condition |= (index, bank) == Control.PSR

    def load(self, address: Value | int, size_bytes: int, *, signed: bool = False) -> Value:
        """See `Ops.load`."""
        self.accesses += 1
        return Word(0)

    def load_literal(self, address: int) -> Value:
        """See `Ops.load_literal`."""
        self.accesses += 1
        self.literals.append(address)
        return Word(0)

    def store(self, address: Value | int, size_bytes: int, value: Value) -> None:
        """See `Ops.store`."""
        self.accesses += 1

    def return_from_exception(self) -> None:
        """See `Ops.return_from_exception`: behind it, another block begins."""
        self.touches_condition = True

    def set_conditions(self, conditions: Value) -> None:
        """See `Ops.set_conditions`."""
