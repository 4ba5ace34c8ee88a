"""Builds the host code of a region, block by block.

The result can be placed anywhere in the code area: branches inside are relative, and the places that
depend on the address or on other regions are listed (`Region`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace

from emu.dbt import a64
from emu.dbt.conditions import Kind
from emu.dbt.discovery import Block, Instruction
from emu.dbt.effects import Effects
from emu.dbt.emitter import Emitter, InterpretError
from emu.dbt.exits import Branch, ConditionalBranch, Jump, Leave, Reason, SideExit
from emu.dbt.labels import Labels, Target, ToEdge, ToExit
from emu.dbt.region import Region
from emu.dbt.regmap import BASE, BUDGET, CONDITION, NEXT_PC, TABLE_OFFSET, TEMPORARIES
from emu.dbt.templates import Templates
from emu.dbt.translation_options import Instrument

IN_JUMP = 0xFFFF_FFFF
"""Stands in `Region.pcs` for "the block is done and the guest pc is in X27."""


class Builder:
    """Builds one region: `Builder(...).build()`."""

    def __init__(
        self,
        region: Region,
        blocks: list[Block],
        skipped: dict[int, Block],
        emitter: Emitter,
        effects: Effects,
        templates: Templates,
    ) -> None:
        """`skipped` are those of the blocks that shall be masked, from `skipped_blocks`."""
        self._caller: int | None = None
        self._copied: Mapping[int, Block] = {}
        self._skipped = skipped
        masked = {block.start for block in skipped.values()}
        self._blocks = [block for block in blocks if block.start not in masked]
        self._templates = templates
        self._emitter = emitter
        self._code = emitter.code
        self._effects = effects
        kinds = effects.entry_kinds(blocks)
        self._kinds = {block.start: kinds[block.start] for block in self._blocks}
        self._region = region
        self._labels = Labels(self._region, emitter.code, self._kinds)
        self._tells = False

    def build(
        self,
        breakpoints: frozenset[int],
        instruments: tuple[Instrument, ...],
        *,
        caller: int | None = None,
        copied: Mapping[int, Block],
        tells: bool = False,
    ) -> None:
        """Build the region; with `tells`, what is executed first is told (tells.py).

        `caller` is where the region most likely returns to, if that is known; `copied` is from
        `copied_blocks`.
        """
        self._caller, self._copied, self._tells = caller, copied, tells
        following = [block.start for block in self._blocks[1:]] + [-1]
        for block, successor in zip(self._blocks, following, strict=True):
            self._labels.block(block.start)
            self._emitter.begin_block(self._kinds[block.start])
            if block.start in breakpoints:
                self._exit(Reason.BREAKPOINT, block.start)
                continue
            begins = len(self._code)
            self._code += (a64.NOP,) * tells
            for instrument in instruments:
                self._code.extend(instrument(block))
            done = self._block(block, successor)
            if tells:
                told = ToExit(Reason.BEGAN, block.start, self._kinds[block.start], count=done)
                self._labels.tell(begins, a64.b(0), told)
        self._labels.resolve()
        self._region.landings = array("I", (self._region.entries[pc] for pc in self._landings()))
        blocks = (*self._blocks, *self._skipped.values())
        self._region.guest_ranges = [(block.start, block.end) for block in blocks]
        self._region.words = array("I", self._code)

    def _landings(self) -> Iterator[int]:
        """The blocks of `Region.landings`."""
        calls = [block.end for block in self._blocks if block.calls]
        return (pc for pc in self._kinds if pc in calls or pc == self._region.entry)

    # ---- inside a block ------------------------------------------------------------------------

    def _block(self, block: Block, following: int) -> int:
        """Build a block; gives how many instructions of it are translated."""
        emitter, region = self._emitter, self._region
        charged_at, most = len(self._code), len(block.instructions)
        self._code.extend(self._charge(most, most))
        emitter.terminator = None
        done, ways_out = 0, []
        for item in block.instructions:
            position, kind, exits = len(self._code), emitter.condition_kind, len(emitter.side_exits)
            if not self._instruction(item):
                break
            region.positions.append(position)
            region.pcs.append(item.pc)
            region.kinds.append(kind.value)
            if len(emitter.side_exits) > exits:
                ways_out.append((item, done, kind, emitter.side_exits[exits:]))
            done += 1
        region.unspent.extend(range(done, 0, -1))
        for item, before, kind, side_exits in ways_out:
            self._aim(side_exits, item, kind, done - before)
        if done < most:
            charged = self._charge(done, most)
            self._code[charged_at : charged_at + len(charged)] = charged
            self._exit(Reason.INTERPRET, block.instructions[done].pc)
        else:
            self._end(block, following)
        return done

    def _charge(self, count: int, most: int) -> list[int]:
        return self._region.charge.spend(count, most, TEMPORARIES[0])

    def _instruction(self, item: Instruction) -> bool:
        if item.insn is None or (self._emitter.is_watching and self._effects.of(item).accesses > 1):
            return False
        try:
            self._templates.emit(self._emitter, item, item.insn)
        except InterpretError:
            return False
        return True

    def _aim(self, side_exits: list[SideExit], item: Instruction, kind: Kind, unspent: int) -> None:
        """Give the side exits of an instruction their targets."""
        for side in side_exits:
            if side.behind:
                target = ToExit(side.reason, item.next_pc, side.kind, unspent - 1)
            else:
                target = ToExit(side.reason, item.pc, kind, unspent, put_back=side.put_back)
            self._labels.point(side.at, side.word, target)

    def _mark(self, pc: int, unspent: int, kind: Kind) -> None:
        """Note what the code from here belongs to."""
        region = self._region
        region.positions.append(len(self._code))
        region.pcs.append(pc)
        region.unspent.append(unspent)
        region.kinds.append(kind.value)

    # ---- ends of blocks ------------------------------------------------------------------------

    def _end(self, block: Block, following: int) -> None:
        last, skipped = block.instructions[-1], self._skipped.get(block.start)
        kind = self._emitter.condition_kind
        match self._emitter.terminator:
            case None:
                self._labels.go(kind, last.next_pc, following)
            case Leave(reason):
                self._exit(reason, last.next_pc)
            case Jump(is_return):
                self._indirect(is_return=is_return)
            case ConditionalBranch(target, test, n) if skipped is not None:
                self._mask(test, n, skipped)
                self._labels.go(kind, target, following)
            case ConditionalBranch() as branch:
                self._conditional(last, branch, following)
            case Branch(target) if target > last.pc:
                self._forward(block, target, following)
            case Branch(target):
                self._convert_for(target)
                self._labels.branch(a64.tbz(BUDGET, 63), self._labels.target(target))
                self._exit(Reason.ARRIVED, target)

    def _forward(self, block: Block, target: int, following: int) -> None:
        copied = self._copied.get(block.start)
        if copied is None:
            self._labels.go(self._emitter.condition_kind, target, following)
        else:
            self._convert_for(target)
            self._emitter.begin_block(self._emitter.condition_kind)
            self._block(copied, -1)

    def _mask(self, test: Kind, n: int, skipped: Block) -> None:
        """Execute a block under a mask instead of skipping it if the test is true of register `n`."""
        self._code += test.inverse.mask(NEXT_PC, n)
        self._code += self._region.charge.spend_under(NEXT_PC, len(skipped.instructions))
        self._emitter.begin_mask()
        for item in skipped.instructions:
            assert item.insn is not None
            self._emitter.instruction(item.insn, item.operands, item.pc)
        self._emitter.end_mask()

    def _convert_for(self, target: int) -> Kind:
        """Let C lie as the block at `target` wants it: on the way there, it would take a host block."""
        kind = self._labels.kind_at(target)
        self._labels.convert(self._emitter.condition_kind, kind)
        self._emitter.condition_kind = kind
        return kind

    def _converted(self, branch: ConditionalBranch, target: int) -> ConditionalBranch:
        """`_convert_for(target)`, and the branch as it tests C then."""
        before, kind = self._emitter.condition_kind, self._convert_for(target)
        if branch.n != CONDITION:
            return branch
        return replace(branch, test=kind if branch.test is before else kind.inverse)

    def _conditional(self, last: Instruction, branch: ConditionalBranch, following: int) -> None:
        branch = self._converted(branch, branch.target)
        target, told = self._labels.target(branch.target), self._at_exit(Reason.TAKEN, last.pc)
        if branch.target > last.pc:
            self._go_telling(branch.test.branch(branch.n), told, target)
        else:
            scratch = TEMPORARIES[-1] if branch.n != TEMPORARIES[-1] else TEMPORARIES[0]
            both, within = branch.test.branch_within_budget(branch.n, scratch, BUDGET)
            self._code.append(both)
            self._go_telling(within, told, target)
            if last.next_pc != following and not self._tells:
                self._pass(last.next_pc, branch)
                return
            self._go_telling(branch.test.branch(branch.n), told, self._at_exit(Reason.ARRIVED, branch.target))
        if self._tells:
            self._go_telling(a64.b(0), self._at_exit(Reason.PASSED, last.pc), None)
        self._labels.go(self._emitter.condition_kind, last.next_pc, following)

    def _pass(self, pc: int, branch: ConditionalBranch) -> None:
        """Go on at `pc` behind a branch that is not taken; else the budget is used up."""
        branch = self._converted(branch, pc)
        self._labels.branch(branch.test.inverse.branch(branch.n), self._labels.target(pc))
        self._exit(Reason.ARRIVED, branch.target)

    def _go_telling(self, word: int, told: ToExit, target: Target | None) -> None:
        """Emit the branch `word` to `target`, or none; if that is asked for, it tells of itself first."""
        if self._tells:
            self._code.append(a64.NOP)
            self._labels.tell(len(self._code) - 1, word, told, target)
        elif target is not None:
            self._labels.branch(word, target)

    def _indirect(self, *, is_return: bool) -> None:
        """Look the guest address in X27 up in the jump table; a miss or a used-up budget ends at EXIT.

        A return tries the one that is likely first:

            movz w16, caller[15:0]; movk w16, caller[31:16]
            eor w16, w16, w27
            orr x16, x16, x30, asr #63      0 if X27 is that, and the budget is not negative
            cbz x16, (the caller)           linked like other jumps
        """
        self._emitter.settle_condition()
        slot = TEMPORARIES[0]
        self._mark(IN_JUMP, unspent=0, kind=Kind.BOOL)
        if is_return and self._caller is not None:
            self._return_to(self._caller, slot)
        self._code += (
            a64.lsr_imm(slot, NEXT_PC, 1),
            a64.rrr(a64.ADD, slot, BASE, slot, True, a64.shifted(a64.LSL, 2)),
            a64.ldrsw(slot, slot, TABLE_OFFSET),
            a64.rrr(a64.BIC, slot, slot, BUDGET, True, a64.shifted(a64.ASR, 63)),
            a64.rrr(a64.ADD, slot, slot, BASE, True),
            a64.br(slot),
        )

    def _return_to(self, pc: int, scratch: int) -> None:
        """Go to `pc` without a look at the table, if X27 says so and the budget is not used up."""
        self._code += (
            *a64.constant(scratch, pc),
            a64.rrr(a64.EOR, scratch, scratch, NEXT_PC),
            a64.rrr(a64.ORR, scratch, scratch, BUDGET, True, a64.shifted(a64.ASR, 63)),
        )
        self._labels.branch(a64.cbz(scratch, x=True), ToEdge(pc))

    def _exit(self, reason: Reason, pc: int) -> None:
        self._labels.branch(a64.b(0), self._at_exit(reason, pc))

    def _at_exit(self, reason: Reason, pc: int) -> ToExit:
        return ToExit(reason, pc, self._emitter.condition_kind)
