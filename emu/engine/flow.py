"""The flow of control: where straight runs of instructions begin, and where they are left.

Entries are words of 32 bits; all code lies below 0x40000000. The address of a block, which is even: its
instructions are executed one after another, up to the first that control does not pass. With FALLS: up to the
address of the next entry. With CUT: the block before was left at this address, which was not executed. With
AT: control was there, and goes on with the next entry: an exception, a reset, or what a debugger did.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final, Protocol

from emu.isa.insn import Flow as FlowKind
from emu.isa.insn import Insn

ENTRY_BYTES: Final = 4
FALLS: Final = 1
CUT: Final = 1 << 31
AT: Final = 1 << 30
ADDRESS: Final = AT - 2
"""The address in an entry."""
ELSEWHERE: Final = AT
"""Control was where no code can be, and goes on with the next entry."""
KEPT: Final = 2048
"""So many entries are known at any time."""
LONGEST_BYTES: Final = 4
"""Of an instruction."""
_KEPT_BYTES: Final = KEPT * ENTRY_BYTES
ACTIVE: Final = 1 << 18
"""Entries that come together before a sink takes them: 1 MB: coming back for it costs 3 % then."""


class FlowSink(Protocol):
    """Takes the flow away, in its order."""

    def take(self, entries: memoryview) -> None:
        """Entries of 4 bytes; the memory will be used again."""

    def code(self, entries: int, ranges: Sequence[tuple[int, int]]) -> None:
        """From entry number `entries` on, they may stand for what is there now, from start to end each."""


def ends_line(row: Insn | None) -> bool:
    """Whether control does not, or need not, pass this instruction; None: one that is undefined."""
    if row is None or row.flow is FlowKind.NEXT:
        return False
    return row.flow is not FlowKind.SYSTEM or not row.returns


class Flow:
    """Takes entries from an engine; a buffer that `make_room` empties, into a sink if there is one."""

    def __init__(self, buffer: memoryview | None = None) -> None:
        """`buffer` has at least ACTIVE entries."""
        self.sink: FlowSink | None = None
        self._buffer = memoryview(bytearray(ENTRY_BYTES * ACTIVE)).cast("I") if buffer is None else buffer
        self._position = 0
        self._taken = 0
        self._first = 0  # entries before it are forgotten
        self._before = b""  # the latest entries that have been taken

    @property
    def position(self) -> int:
        """Where in the buffer the next entry goes."""
        return self._position

    @position.setter
    def position(self, position: int) -> None:
        self._position = position

    @property
    def count(self) -> int:
        """Entries so far."""
        return self._taken + self.position

    def add(self, entry: int) -> None:
        """Add an entry."""
        position = self.position
        self._buffer[position] = entry
        self.position = position + 1

    def cut(self, pc: int) -> None:
        """The block begun last was left at `pc`, which was not executed."""
        position = self.position
        if position and self._buffer[position - 1] & ~FALLS == pc:  # it has not begun
            self.position = position - 1
            self.add(pc | AT)
        else:
            self.add(pc | CUT)

    def at(self, pc: int) -> None:
        """A run has ended, with `pc` to be executed next."""
        position, entry = self.position, pc | AT if pc < AT else ELSEWHERE
        if not position or self._buffer[position - 1] & (CUT | AT | ADDRESS) not in (pc | CUT, entry):
            self.add(entry)

    def alone(self, pc: int, row: Insn | None) -> None:
        """The instruction at `pc` was executed by itself; None: it was skipped, whatever it is."""
        self.make_room()
        self.add(pc if row and ends_line(row) else pc | FALLS)

    def code(self, ranges: Sequence[tuple[int, int]], *, is_in_line: bool = False) -> None:
        """Instructions that the latest entry stands for, or those to come."""
        if self.sink is not None:
            self.sink.code(self.count - is_in_line, ranges)

    def make_room(self) -> int:
        """Empty the buffer if it is nearly full; gives how many entries fit."""
        if self.position > ACTIVE // 2:
            self.flush()
        return ACTIVE - self.position

    def flush(self) -> None:
        """Empty the buffer."""
        position = self.position
        entries = self._buffer[:position].cast("B")
        if self.sink is not None:
            self.sink.take(entries)
        self._before = (self._before + entries[-_KEPT_BYTES:].tobytes())[-_KEPT_BYTES:]
        self._taken += position
        self.position = 0

    def forget(self) -> None:
        """What comes now has nothing to do with what was before; also inside a run."""
        self._first = self.count

    def latest(self) -> list[int]:
        """The latest entries, at most KEPT."""
        entries = self._before + self._buffer[: self.position].tobytes()
        most = min(KEPT, self.count - self._first)
        return memoryview(entries).cast("I").tolist()[len(entries) // ENTRY_BYTES - most :]

    def save(self) -> list[int]:
        """Take a snapshot: the latest entries."""
        return self.latest()

    def restore(self, snapshot: list[int] | None) -> None:
        """Go back to a snapshot; None, of a machine that had no flow: begin anew."""
        self.flush()
        self._before = memoryview(array("I", snapshot or ())).tobytes()
        self._first = self.count - len(self._before) // ENTRY_BYTES
