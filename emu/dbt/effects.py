"""What an instruction does to the C bit and to memory, found by emitting it once."""

from __future__ import annotations

from dataclasses import dataclass

from emu.dbt.conditions import Kind
from emu.dbt.discovery import REMEMBERED, Block, Instruction
from emu.dbt.emitter import Emitter, InterpretError
from emu.dbt.mode import Mode
from emu.isa.insn import Insn


@dataclass(frozen=True, slots=True)
class Effect:
    """`condition_kind`: how the instruction leaves C, None if it leaves it alone."""

    condition_kind: Kind | None
    settles: bool  # reads C as a number, which leaves it as BOOL
    stores: bool


_NONE = Effect(None, settles=False, stores=False)


class Effects:
    """Remembers effects by instruction word: `push` does not store without registers."""

    def __init__(self) -> None:
        self._known: dict[int, Effect] = {}

    def of(self, item: Instruction) -> Effect:
        """The effect of an instruction."""
        known = self._known.get(item.word)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[item.word] = _probe(item.insn, item.operands) if item.insn else _NONE
        return known

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


def _probe(insn: Insn, operands: tuple[int, ...]) -> Effect:
    probe = Emitter(lambda address: None, Mode(supervisor=True, check_alignment=False))
    probe.condition_kind = Kind.NONZERO
    try:
        probe.instruction(insn, operands, 0x1000)
    except InterpretError:
        return _NONE
    if probe.wrote_condition:
        return Effect(probe.condition_kind, False, probe.stored)
    return Effect(None, probe.condition_kind is Kind.BOOL, probe.stored)
