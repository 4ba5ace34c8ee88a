"""Remembers the host words of encodings that do not depend on where they stand: most of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from emu.dbt.conditions import Kind
from emu.dbt.discovery import REMEMBERED, Instruction
from emu.dbt.emitter import Emitter
from emu.isa.insn import Flow, Insn
from emu.isa.operands import BranchOffset, LiteralOffset


@dataclass(frozen=True, slots=True)
class _Template:
    words: tuple[int, ...]
    condition_kind: Kind | None  # what the C register holds afterwards, None: unchanged
    reads_condition: bool
    float_writes: tuple[tuple[int, bool], ...]


class Templates:
    """The templates of one CPU mode."""

    def __init__(self) -> None:
        self._known: dict[int, _Template] = {}

    def emit(self, emitter: Emitter, item: Instruction, insn: Insn) -> None:
        """Emit an instruction; InterpretError if it has to be interpreted."""
        if item.pc in emitter.guarded:
            emitter.instruction(insn, item.operands, item.pc)
            return
        template = self._known.get(item.word)
        if template is None:
            self._record(emitter, item, insn)
            return
        if template.reads_condition:
            emitter.settle_condition()
        emitter.code.extend(template.words)
        if template.condition_kind is not None:
            emitter.condition_kind = template.condition_kind
        for register, is_number in template.float_writes:
            emitter.wrote_float(register, is_number)

    def _record(self, emitter: Emitter, item: Instruction, insn: Insn) -> None:
        start, exits, settled = (
            len(emitter.code),
            len(emitter.side_exits),
            emitter.condition_kind is Kind.BOOL,
        )
        emitter.wrote_condition = emitter.read_condition = emitter.looked_back = False
        emitter.float_writes.clear()
        emitter.instruction(insn, item.operands, item.pc)
        depends = len(emitter.side_exits) > exits or emitter.looked_back
        if not depends and (settled or not emitter.read_condition) and _placeless(insn):
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            kind = emitter.condition_kind if emitter.wrote_condition else None
            words, writes = tuple(emitter.code[start:]), tuple(emitter.float_writes)
            self._known[item.word] = _Template(words, kind, emitter.read_condition, writes)


@cache
def _placeless(insn: Insn) -> bool:
    """Whether the emitted words depend on nothing but the encoding."""
    if insn.flow is not Flow.NEXT:
        return False
    return not any(isinstance(operand.kind, BranchOffset | LiteralOffset) for operand in insn.operands)
