"""Labels of a region under construction: branches to blocks, and the out-of-line code they may need."""

from __future__ import annotations

from dataclasses import dataclass

from emu.dbt import a64
from emu.dbt.conditions import Kind
from emu.dbt.exits import Reason
from emu.dbt.region import Region
from emu.dbt.regmap import CONDITION, NEXT_PC
from emu.dbt.tells import COUNT_SHIFT


@dataclass(frozen=True, slots=True)
class ToBlock:
    """The start of a block of this region."""

    pc: int


@dataclass(frozen=True, slots=True)
class ToExit:
    """Leave translated code; `refund` instructions were charged but not executed."""

    reason: Reason
    pc: int
    kind: Kind
    refund: int = 0
    count: int = 0
    """Passed on above the reason."""
    put_back: tuple[int, ...] = ()
    """Executed on the way."""


@dataclass(frozen=True, slots=True)
class ToEdge:
    """Go on at guest `pc`, mostly outside of the region, with C as 0 or 1."""

    pc: int


Target = ToBlock | ToExit | ToEdge


class Labels:
    """Collects branches and resolves them when all blocks are there."""

    def __init__(self, region: Region, code: list[int], kinds: dict[int, Kind]) -> None:
        self._region = region
        self._code = code
        self._kinds = kinds  # how C lies at the start of each block
        self._blocks: dict[int, int] = {}
        self._branches: list[tuple[int, int, Target]] = []
        self._places: dict[Target, int] = {}
        self._tells: list[tuple[int, int, ToExit, Target | None]] = []

    def block(self, pc: int) -> None:
        """A block starts here."""
        self._blocks[pc] = len(self._code)

    def branch(self, word: int, target: Target) -> None:
        """Emit the branch `word` (distance 0) to `target`.

        One out of the region becomes one to there, if that is near; else it leads to another, a host block
        of its own.
        """
        if isinstance(target, ToEdge) and target.pc not in self._kinds:
            self._region.links.append((len(self._code), target.pc))
        self._branches.append((len(self._code), word, target))
        self._code.append(word)

    def point(self, at: int, word: int, target: Target) -> None:
        """Let the branch `word` that was emitted at `at` go to `target`."""
        self._branches.append((at, word, target))

    def tell(self, at: int, word: int, told: ToExit, target: Target | None = None) -> None:
        """Let the branch `word` at `at` tell something once; then it goes to `target`, or is a NOP."""
        self._tells.append((at, word, told, target))
        self._region.tell_pcs.append(told.pc)
        self._region.tell_reasons.append(told.reason | told.count << COUNT_SHIFT)
        self._region.tell_positions.append(at)

    def kind_at(self, pc: int) -> Kind:
        """How C shall lie at guest `pc`."""
        return self._kinds.get(pc, Kind.BOOL)

    def target(self, pc: int) -> Target:
        """Guest `pc`, for those who come with C as it shall lie there."""
        return ToBlock(pc) if pc in self._kinds else ToEdge(pc)

    def convert(self, have: Kind, want: Kind) -> None:
        """Change how C lies in its register."""
        if have is want or (have is Kind.BOOL and want is Kind.NONZERO):
            return
        if have is not Kind.BOOL:
            self._code.extend(have.to_bool(CONDITION, CONDITION))
        self._code.extend(want.from_bool(CONDITION))

    def go(self, have: Kind, pc: int, following: int | None = None) -> None:
        """Go on at guest `pc`: by falling into the block `following`, a branch, or a link."""
        self.convert(have, self.kind_at(pc))
        if pc not in self._kinds:
            self._region.links.append((len(self._code), pc))
            self.branch(a64.b(0), ToExit(Reason.LINK, pc, Kind.BOOL))
        elif pc != following:
            self.branch(a64.b(0), ToBlock(pc))

    def resolve(self) -> None:
        """Emit the entries and the out-of-line code, then fill in all distances.

        Out-of-line code branches to further such code: the list of branches grows while it is walked. Of a
        loop of `cmplt r1, r2` and `bt`, where C lies as NEGATIVE, there is then, behind the blocks:

            neg x29, x29                     the entry, for who comes with C as 0 or 1
            b (the loop)
            lsr x29, x29, #63                ToExit(ARRIVED, pc, NEGATIVE): the budget is used up
            movz x27, pc[15:0]; movk x27, pc[31:16]
            b EXIT                           in `Region.exits`, until the region has a place
        """
        self._emit_entries()
        done = 0
        for at, word, told, target in self._tells:
            self._code[at] = a64.with_distance(word, len(self._code) - at)
            self._emit_exit(told)  # there are no two of them
            if target is not None:
                self._place(target)
        while done < len(self._branches):
            self._place(self._branches[done][2])
            done += 1
        for at, word, target in self._branches:
            self._code[at] = self._aimed(at, word, target)
        self._region.silent_words.extend(
            a64.NOP if target is None else self._aimed(at, word, target)
            for at, word, _, target in self._tells
        )

    def _place(self, target: Target) -> None:
        if not isinstance(target, ToBlock) and target not in self._places:
            self._emit(target)

    def _aimed(self, at: int, word: int, target: Target) -> int:
        place = self._blocks[target.pc] if isinstance(target, ToBlock) else self._places[target]
        return a64.with_distance(word, place - at)

    def _emit_entries(self) -> None:
        for pc, kind in self._kinds.items():
            self._region.entries[pc] = self._blocks[pc]
            if kind not in (Kind.BOOL, Kind.NONZERO):
                self._region.entries[pc] = len(self._code)
                self._code.extend(kind.from_bool(CONDITION))
                self.branch(a64.b(0), ToBlock(pc))

    def _emit(self, target: Target) -> None:
        code = self._code
        self._places[target] = len(code)
        match target:
            case ToEdge(pc):
                self.go(Kind.BOOL, pc)
            case ToExit():
                self._emit_exit(target)

    def _emit_exit(self, exit_: ToExit) -> None:
        code = self._code
        code += exit_.put_back
        self.convert(exit_.kind, Kind.BOOL)
        if exit_.refund:
            code += self._region.charge.refund(exit_.refund, NEXT_PC)
        code.append(a64.movz(NEXT_PC, exit_.pc & 0xFFFF, 0, True))
        code.append(a64.movk(NEXT_PC, exit_.pc >> 16, 16, True))
        if exit_.reason:
            code.append(a64.movk(NEXT_PC, exit_.reason, 32, True))
        if exit_.count:
            code.append(a64.movk(NEXT_PC, exit_.count, 48, True))
        self._region.exits.append(len(code))
        code.append(a64.b(0))
