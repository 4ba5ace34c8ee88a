"""Tells a sink what translated code has come to, from the words that leave it for that (tells.py)."""

from __future__ import annotations

from typing import NamedTuple

from emu.dbt.code_cache import CodeCache
from emu.dbt.discovery import Block, Decoded, Instruction
from emu.dbt.exits import BEGAN, Reason
from emu.dbt.tells import COUNT_SHIFT, REASON, Tell
from emu.dbt.translator import GuestCode, Translator
from emu.engine.coverage import CoverageSink, Known, tell_instruction
from emu.engine.flow import LONGEST_BYTES
from emu.isa.decode import size_bytes
from emu.isa.state import CpuState


class _Begun(NamedTuple):
    """A block that was not known, with what has elapsed at its begin and at its end."""

    tell: Tell
    code: bytes
    last_pc: int
    """Of its last instruction."""
    begins: int
    ends: int

    def instructions_before(self, pc: int) -> int | None:
        """How many of its instructions are before that at `pc`; None where none of them is."""
        offset, at, count = pc - self.tell.pc, 0, 0
        if not 0 <= offset < len(self.code):
            return None
        while at < offset:
            at += _size_bytes(self.code, at)
            count += 1
        return count if at == offset else None


class CoverageTeller:
    """Passes on what is told, and lets it be told once.

    What a block can only lead to, forwards, is told with it: that saves ways out of translated code. When it
    is left next, some of these blocks may not have been executed, or not to their ends, for an exception or
    the interpreter: what has elapsed tells. Only what was executed is passed on, the others are to be told.
    """

    def __init__(
        self, sink: CoverageSink, known: Known | None, cache: CodeCache, translator: Translator
    ) -> None:
        self.sink = sink
        self._known = Known() if known is None else known
        self._cache = cache
        self._translator = translator
        self._decoded = Decoded()
        self.begun: list[_Begun] = []
        """Blocks that are to be executed before translated code is left next."""
        cache.tell_anew(self._known, translator.bytes_at)

    def met(self, state: CpuState, reason: int, elapsed: int) -> int:
        """Take what translated code was left for, go on behind it, and give the reason to go on with."""
        pc = state.pc
        self.left(pc, elapsed)
        if reason < BEGAN:
            return reason
        tell, kind = Tell(pc, reason), reason & REASON
        if kind == BEGAN:
            self._begin(tell, elapsed)
            return Reason.LINK
        self._cache.silence(tell)
        branch = self._instruction(pc)
        assert branch.insn is not None
        is_taken = kind == Reason.TAKEN
        state.pc = branch.insn.target(pc, branch.operands) if is_taken else branch.next_pc
        code = self._translator.bytes_at(pc, branch.size_bytes)
        self.sink.branched(pc, code, is_taken=state.pc != branch.next_pc)
        self._known.code[tell] = code
        if is_taken and state.pc <= pc:
            return Reason.ARRIVED  # backwards is a check point
        self._begin(self._cache.tell_of(state.pc), elapsed)
        return Reason.LINK

    def _begin(self, tell: Tell | None, elapsed: int) -> None:
        """A block begins, and those that it can only lead to, as far as they are not known."""
        while tell is not None:
            self._cache.silence(tell)
            if not tell.reason >> COUNT_SHIFT:  # it is interpreted from its beginning on
                return
            block = self._block(tell, elapsed)
            self.begun.append(block)
            last = self._instruction(block.last_pc)
            following, elapsed = Block(block.last_pc, [last]).successors, block.ends
            is_certain = len(following) == 1 and following[0] > block.last_pc  # backwards is a check point
            tell = self._cache.tell_of(following[0]) if is_certain else None

    def left(self, pc: int, elapsed: int) -> None:
        """Translated code was left before the instruction at `pc`."""
        begun, self.begun = self.begun, []
        for block in begun:
            if block.ends <= elapsed:
                self.sink.executed(block.tell.pc, block.code)
                self._known.code[block.tell] = block.code
                continue
            self._cache.renew(block.tell)
            done = block.instructions_before(pc)
            if done and block.begins + done * self._translator.charge_at(pc).cost == elapsed:
                self.sink.executed(block.tell.pc, block.code[: pc - block.tell.pc])

    def code_at(self, pc: int) -> bytes:
        """The instruction at `pc`, which is about to be interpreted."""
        code = self._translator.bytes_at(pc, LONGEST_BYTES)
        return code[: _size_bytes(code, 0)]

    def interpreted(self, pc: int, code: bytes, following: int) -> None:
        """It was executed; control has gone to `following`."""
        tell_instruction(self.sink, pc, code, following)

    def _block(self, tell: Tell, elapsed: int) -> _Begun:
        count = tell.reason >> COUNT_SHIFT
        code, size, last = self._translator.bytes_at(tell.pc, count * LONGEST_BYTES), 0, 0
        for _ in range(count):
            last, size = size, size + _size_bytes(code, size)
        cost = count * self._translator.charge_at(tell.pc).cost
        return _Begun(tell, code[:size], tell.pc + last, elapsed, elapsed + cost)

    def _instruction(self, pc: int) -> Instruction:
        memory = self._translator.memory_at(pc)
        assert memory is not None  # it was translated
        found = self._decoded.at(pc, GuestCode(memory).halfword)
        assert found is not None
        return found


def _size_bytes(code: bytes, at: int) -> int:
    """That of the instruction so far inside of code."""
    return size_bytes(code[at] | code[at + 1] << 8)
