"""Tells a sink what translated code has come to, from the words that leave it for that (tells.py)."""

from __future__ import annotations

from typing import Final, NamedTuple

from emu.dbt.code_cache import CodeCache
from emu.dbt.discovery import Decoded, Instruction
from emu.dbt.exits import Reason
from emu.dbt.tells import COUNT_SHIFT, Tell
from emu.dbt.translator import Translator
from emu.engine.coverage import CoverageSink, Known, tell_instruction
from emu.engine.flow import LONGEST_BYTES
from emu.isa.decode import size_bytes
from emu.isa.state import CpuState

_REASON: Final = (1 << COUNT_SHIFT) - 1


class _Begun(NamedTuple):
    """A block that was not known."""

    tell: Tell
    code: bytes
    elapsed: int
    """Where it began."""

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

    A block that has begun may be left before its end, by an exception or for the interpreter. Then only what
    was executed of it is passed on, and it is to be told again. Whether it was left when it was executed for
    the first time, or later, what has elapsed tells.
    """

    def __init__(
        self, sink: CoverageSink, known: Known | None, cache: CodeCache, translator: Translator
    ) -> None:
        self.sink = sink
        self._known = Known() if known is None else known
        self._cache = cache
        self._translator = translator
        self._decoded = Decoded()
        self._begun: _Begun | None = None
        cache.tell_anew(self._known, translator.bytes_at)

    def met(self, state: CpuState, reason: int, elapsed: int) -> int:
        """Take what translated code was left for, go on behind it, and give the reason to go on with."""
        self.finish(elapsed)
        pc = state.pc
        tell = Tell(pc, reason)
        self._cache.silence(tell)
        kind, count = reason & _REASON, reason >> COUNT_SHIFT
        if kind == Reason.BEGAN:
            if count:  # else it is interpreted from its beginning on
                self._begun = self._block(tell, count, elapsed)
            return Reason.LINK
        branch = self._instruction(pc)
        assert branch.insn is not None
        is_taken = kind == Reason.TAKEN
        state.pc = branch.insn.target(pc, branch.operands) if is_taken else branch.next_pc
        code = self._translator.bytes_at(pc, branch.size_bytes)
        self.sink.branched(pc, code, is_taken=state.pc != branch.next_pc)
        self._known.code[tell] = code
        return Reason.ARRIVED if is_taken and state.pc <= pc else Reason.LINK  # backwards is a check point

    def cut(self, pc: int, elapsed: int) -> None:
        """A block was left before the instruction at `pc`."""
        begun = self._begun
        done = None if begun is None else begun.instructions_before(pc)
        if begun is None or done is None:
            return
        if begun.elapsed + done * self._translator.charge_at(pc).cost == elapsed:
            self._begun = None
            self._cache.renew(begun.tell)
            if done:
                self.sink.executed(begun.tell.pc, begun.code[: pc - begun.tell.pc])

    def finish(self, elapsed: int) -> None:
        """The block that has begun last is at its end, unless another one was entered in its place."""
        begun, self._begun = self._begun, None
        if begun is None:
            return
        if begun.elapsed == elapsed:
            self._cache.renew(begun.tell)
        else:
            self.sink.executed(begun.tell.pc, begun.code)
            self._known.code[begun.tell] = begun.code

    def code_at(self, pc: int, elapsed: int) -> bytes:
        """The instruction at `pc`, which is about to be interpreted."""
        self.finish(elapsed)
        code = self._translator.bytes_at(pc, LONGEST_BYTES)
        return code[: _size_bytes(code, 0)]

    def interpreted(self, pc: int, code: bytes, following: int) -> None:
        """It was executed; control has gone to `following`."""
        tell_instruction(self.sink, pc, code, following)

    def _block(self, tell: Tell, count: int, elapsed: int) -> _Begun:
        code, size = self._translator.bytes_at(tell.pc, count * LONGEST_BYTES), 0
        for _ in range(count):
            size += _size_bytes(code, size)
        return _Begun(tell, code[:size], elapsed)

    def _instruction(self, pc: int) -> Instruction:
        found = self._decoded.at(pc, self._halfword)
        assert found is not None  # it was translated, or is there to be interpreted
        return found

    def _halfword(self, address: int) -> int | None:
        data = self._translator.bytes_at(address, 2)
        return int.from_bytes(data, "little") if len(data) == 2 else None


def _size_bytes(code: bytes, at: int) -> int:
    """That of the instruction so far inside of code."""
    return size_bytes(code[at] | code[at + 1] << 8)
