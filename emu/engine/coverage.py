"""What code was executed at all, without how often or in which order: coverage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from emu.isa.decode import decode
from emu.isa.insn import Flow


@dataclass(frozen=True, slots=True)
class Known:
    """What engines have told: others of their kind need not tell it again."""

    code: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """By what they call it, the code that it was."""
    found: WeakKeyDictionary[Any, Any] = field(default_factory=WeakKeyDictionary)
    """What has come of looking for it in code of theirs."""


class CoverageSink(Protocol):
    """Is told of code when it is executed for the first time, and perhaps again."""

    def executed(self, address: int, code: bytes) -> None:
        """Instructions that lie one behind the other were executed, up to the end of `code`."""

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        """A conditional branch has gone to its target, or on behind itself."""


def tell_instruction(sink: CoverageSink, address: int, code: bytes, following: int) -> None:
    """Tell of a single instruction, behind which control has gone to `following`."""
    sink.executed(address, code)
    row = decode(int.from_bytes(code[:2], "little"), int.from_bytes(code[2:], "little"))
    if row is not None and row.flow is Flow.CONDITIONAL:
        sink.branched(address, code, is_taken=following != address + len(code))
