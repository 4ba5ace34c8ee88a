"""One instruction on one back end, behind one interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from emu.engine.interpreter import Interpreter
from emu.isa.ops import CpuException, Vector
from emu.isa.state import CpuState

from .translator_driver import TranslatorDriver

Chunks = dict[int, bytearray]


class Driver(Protocol):
    """A back end under test."""

    @property
    def interpreted(self) -> Sequence[int]:
        """An entry for each instruction that the back end left to the interpreter."""

    def execute(self, state: CpuState, memory: Chunks) -> int | None:
        """Execute the instruction at `state.pc`; give the exception vector it raised, or None.

        `memory` holds all there is, in chunks by address that do not overlap. Both are changed in place.
        """


class ChunkMemory:
    """A memory made of chunks."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def read(self, address: int, size_bytes: int) -> int:
        chunk, offset = self._find(address, size_bytes)
        return int.from_bytes(chunk[offset : offset + size_bytes], "little")

    def write(self, address: int, value: int, size_bytes: int) -> None:
        chunk, offset = self._find(address, size_bytes)
        chunk[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")

    def _find(self, address: int, size_bytes: int) -> tuple[bytearray, int]:
        for base, chunk in self._chunks.items():
            if base <= address and address + size_bytes <= base + len(chunk):
                return chunk, address - base
        raise CpuException(Vector.ACCESS_ERROR, address)


class InterpreterDriver:
    """The reference interpreter."""

    interpreted = ()

    def execute(self, state: CpuState, memory: Chunks) -> int | None:
        try:
            Interpreter(state, ChunkMemory(memory)).step()
        except CpuException as exception:
            return exception.vector
        return None


DRIVERS: dict[str, Callable[[], Driver]] = {"interpreter": InterpreterDriver, "translator": TranslatorDriver}
