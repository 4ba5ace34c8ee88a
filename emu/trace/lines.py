"""Straight lines of instructions: what an entry of the flow stands for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from emu.engine.flow import ends_line
from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Insn
from emu.loader.errors import LoadError

_LONGEST: Final = 1 << 24
"""Instructions: more than any memory holds."""


class Memory(NamedTuple):
    """Plain memory of the chip."""

    name: str
    base: int
    size_bytes: int
    cost: int
    """What each of its instructions adds to what has elapsed."""


class Line(NamedTuple):
    """Instructions that were executed one after another."""

    addresses: tuple[int, ...]
    cost: int
    last: Insn | None
    """The last instruction; None: one that was skipped, or is undefined."""
    end: int
    """The address behind it."""


class Code:
    """The code as it was at a moment of a trace."""

    def __init__(self, memories: Iterable[Memory]) -> None:
        self._memories = [(memory, bytearray(memory.size_bytes)) for memory in memories]

    def copy(self) -> Code:
        """The same, to be changed by itself."""
        copy = Code(memory for memory, _ in self._memories)
        for (_, contents), (_, others) in zip(copy._memories, self._memories, strict=True):
            contents[:] = others
        return copy

    def holds(self, address: int) -> bool:
        """Whether there is memory."""
        return any(memory.base <= address < memory.base + memory.size_bytes for memory, _ in self._memories)

    def put(self, address: int, data: bytes) -> None:
        """From now on this is there."""
        memory, contents = self._at(address)
        offset = address - memory.base
        contents[offset : offset + len(data)] = data

    def byte(self, address: int) -> int:
        """The byte there."""
        memory, contents = self._at(address)
        return contents[address - memory.base]

    def bytes_at(self, address: int, size_bytes: int) -> bytes:
        """The bytes there; fewer where the memory ends."""
        memory, contents = self._at(address)
        offset = address - memory.base
        return bytes(contents[offset : offset + size_bytes])

    def word(self, address: int) -> int:
        """The instruction at an address: its halfword, or both with the first one high."""
        memory, contents = self._at(address)
        offset = address - memory.base
        first = contents[offset] | contents[offset + 1] << 8
        if size_bytes(first) == 2 or offset + 4 > len(contents):
            return first
        return first << 16 | contents[offset + 2] | contents[offset + 3] << 8

    def line(self, start: int, stop: int | None) -> Line:
        """The instructions from `start` to the address `stop`, or to the first that control does not pass."""
        addresses, address, row = [], start, None
        while True:
            addresses.append(address)
            word = self.word(address)
            size = 4 if word > 0xFFFF else 2
            row = decode(word >> 16, word & 0xFFFF) if size == 4 else decode(word, 0)
            address += size
            if address == stop if stop is not None else ends_line(row):
                break
            if len(addresses) > _LONGEST:
                raise LoadError(f"the trace is damaged: no way from {start:#010x} to {stop or 0:#010x}")
        cost = self._at(start)[0].cost * len(addresses)
        return Line(tuple(addresses), cost, row, address)

    def _at(self, address: int) -> tuple[Memory, bytearray]:
        for memory, contents in self._memories:
            if memory.base <= address < memory.base + memory.size_bytes:
                return memory, contents
        raise LoadError(f"the trace is damaged: there is no code at {address:#010x}")
