"""Which guest instructions belong together: the region around an entry, cut into basic blocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Flow, Insn

MAX_INSTRUCTIONS = 200
"""Of a region: bounds the work of one miss and keeps every branch inside the reach of TBZ. With more, more is
translated that is never executed."""

REMEMBERED = 1 << 16
"""Decodings kept: more than a firmware has; code that changes without end must not fill the memory."""

# Python 3.11 looks a member of an Enum up by a call.
_NEXT, _SYSTEM, _BRANCH, _CONDITIONAL = Flow.NEXT, Flow.SYSTEM, Flow.BRANCH, Flow.CONDITIONAL
_FETCH_STOPS = (_BRANCH, Flow.INDIRECT)
_DIRECT = (_BRANCH, Flow.CALL)
_CALLS = (Flow.CALL, Flow.INDIRECT_CALL)
Fetch = Callable[[int], int | None]


@dataclass(slots=True)
class Instruction:
    """A decoded guest instruction; `insn` is None where the encoding is undefined."""

    pc: int
    word: int
    size_bytes: int
    insn: Insn | None
    operands: tuple[int, ...] = ()

    @property
    def next_pc(self) -> int:
        """The address behind it."""
        return self.pc + self.size_bytes & 0xFFFF_FFFF

    @property
    def calls(self) -> bool:
        """Whether it is a call."""
        return self.insn is not None and self.insn.flow in _CALLS


@dataclass(slots=True)
class Block:
    """A basic block: straight code, entered only at `start`."""

    start: int
    instructions: list[Instruction] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The address behind the last instruction."""
        return self.instructions[-1].next_pc if self.instructions else self.start

    @property
    def calls(self) -> bool:
        """Whether it ends with a call."""
        return bool(self.instructions) and self.instructions[-1].calls

    @property
    def successors(self) -> tuple[int, ...]:
        """Guest addresses that control may go to directly; nothing for computed jumps."""
        if not self.instructions:
            return ()
        last = self.instructions[-1]
        if last.insn is None:
            return ()
        flow = last.insn.flow
        if flow is _NEXT or (flow is _SYSTEM and last.insn.inline):
            return (last.next_pc,)
        if flow is _CONDITIONAL:
            return last.insn.target(last.pc, last.operands), last.next_pc
        return (last.insn.target(last.pc, last.operands),) if flow in _DIRECT else ()


class Decoded:
    """Remembers the decoding of instruction words."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Insn, tuple[int, ...]] | None] = {}

    def at(self, pc: int, fetch: Fetch) -> Instruction | None:
        """The instruction at `pc`; None where there is no code memory."""
        halfword = fetch(pc)
        if halfword is None:
            return None
        size, word = 2, halfword
        if size_bytes(halfword) == 4:
            second = fetch(pc + 2)
            if second is None:
                return None
            size, word = 4, halfword << 16 | second
        try:
            known = self._known[word]
        except KeyError:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            row = decode(word >> 16, word & 0xFFFF) if size == 4 else decode(word, 0)
            known = self._known[word] = (row, row.decode(word)) if row else None
        return Instruction(pc, word, size, *known) if known else Instruction(pc, word, size, None)


@dataclass(slots=True)
class _Walk:
    """The instructions reached from an entry so far, and where blocks have to start."""

    instructions: dict[int, Instruction]
    leaders: set[int]
    pending: deque[int]
    most: int

    def straight(self, pc: int, decoded: Decoded, fetch: Fetch) -> None:
        """Follow straight code from `pc` until it ends or joins what is known."""
        instructions, most = self.instructions, self.most
        while pc not in instructions and len(instructions) < most:
            found = decoded.at(pc, fetch)
            if found is None:
                return
            instructions[pc] = found
            insn = found.insn
            if insn is None:
                return
            if insn.flow is not _NEXT:
                self._branch(found, insn)
                if insn.flow in _FETCH_STOPS or not insn.returns:
                    return
            pc = found.next_pc
        self.leaders.add(pc)

    def _branch(self, found: Instruction, insn: Insn) -> None:
        if insn.flow is _BRANCH or insn.flow is _CONDITIONAL:
            target = insn.target(found.pc, found.operands)
            self.leaders.add(target)
            self.pending.append(target)
        if insn.flow is not _SYSTEM or not insn.inline:
            self.leaders.add(found.next_pc)


def discover(
    entry: int,
    decoded: Decoded,
    fetch: Fetch,
    *,
    breakpoints: frozenset[int],
    most: int = MAX_INSTRUCTIONS,
) -> list[Block]:
    """The blocks of the region entered at `entry`, in address order; empty if there is no code memory."""
    walk = _Walk({}, {entry}, deque([entry]), most)
    while walk.pending and len(walk.instructions) < most:
        walk.straight(walk.pending.popleft(), decoded, fetch)  # the nearest: it is executed most likely
    blocks: list[Block] = []
    cut = walk.leaders | breakpoints
    expected = -1
    for pc in sorted(walk.instructions):
        found = walk.instructions[pc]
        if pc != expected or pc in cut:
            blocks.append(Block(pc))
        blocks[-1].instructions.append(found)
        expected = found.next_pc
    return blocks
