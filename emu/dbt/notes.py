"""What an engine notes of a run for others: where control goes, and what code is executed at all."""

from __future__ import annotations

from emu.dbt.code_cache import CodeCache
from emu.dbt.coverage_teller import CoverageTeller
from emu.dbt.host import Host
from emu.dbt.host_flow import HostFlow
from emu.dbt.translator import Translator
from emu.engine.contract import MemoryRegion
from emu.engine.coverage import CoverageSink, Known
from emu.engine.flow import LONGEST_BYTES, FlowSink
from emu.isa.insn import Insn


class Notes:
    """Hears of what translated code cannot note itself."""

    def __init__(self, host: Host, memories: tuple[MemoryRegion, ...], *, notes_flow: bool) -> None:
        self._host = host
        self._memories = memories
        self._always = notes_flow
        self._noted = HostFlow(host, memories) if notes_flow else None  # mapped once
        self.flow = self._noted
        self.teller: CoverageTeller | None = None

    def note_flow(self, sink: FlowSink | None) -> HostFlow | None:
        """See `contract.Engine.note_flow`; gives the flow, if there is one from now on."""
        if sink is not None and self._noted is None:
            self._noted = HostFlow(self._host, self._memories)
        self.flow = self._noted if sink is not None or self._always else None
        if self.flow is not None:
            self.flow.flush()
            self.flow.sink = sink
        return self.flow

    def tell_coverage(
        self,
        sink: CoverageSink | None,
        known: Known | None,
        cache: CodeCache,
        translator: Translator,
    ) -> None:
        """See `contract.Engine.tell_coverage`."""
        self.teller = CoverageTeller(sink, known, cache, translator) if sink is not None else None

    def cut(self, pc: int, elapsed: int) -> None:
        """The block executed last ends before the instruction at `pc`."""
        if self.flow is not None:
            self.flow.cut(pc)
        if self.teller is not None:
            self.teller.left(pc, elapsed)

    def interprets(self, pc: int) -> bytes:
        """The instruction at `pc` is about to be interpreted; gives it, if that is needed behind it."""
        if self.flow is not None:
            self.flow.code([(pc, pc + LONGEST_BYTES)])
        return self.teller.code_at(pc) if self.teller is not None else b""

    def interpreted(self, pc: int, code: bytes, row: Insn | None, following: int) -> None:
        """It was executed, or skipped: then it has no row. Control has gone to `following`."""
        if self.flow is not None:
            self.flow.alone(pc, row)
        if self.teller is not None:
            self.teller.interpreted(pc, code, following)
