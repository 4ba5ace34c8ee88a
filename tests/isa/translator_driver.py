"""The translator behind the driver interface: each instruction is a region of its own."""

from __future__ import annotations

from collections.abc import Callable

from emu.dbt.engine import TranslatorEngine
from emu.dbt.translation_options import TranslationOptions
from emu.engine.contract import Access, DeviceMemory, MemoryRegion, ReadOutlook, StopReason
from emu.engine.stepper import Stepper
from emu.isa.ops import CpuException, Vector
from emu.isa.state import CpuState

Chunks = dict[int, bytearray]

_MEMORY = (
    ("flash", 0x0800_0000, 0x10_0000),
    ("sram", 0x2000_0000, 0x4_8000),
    ("vectors", 0x2400_0000, 0x4000),
)


class _Bus:
    def __init__(self) -> None:
        self.regions = tuple(MemoryRegion(n, base, bytearray(size), n == "sram") for n, base, size in _MEMORY)
        self.device_windows: tuple[tuple[int, int], ...] = ()
        self.device_memories: tuple[DeviceMemory, ...] = ()
        self.word_readers: dict[int, Callable[[], int]] = {}
        self.quiet_reads: set[int] = set()
        self.word_writers: dict[int, Callable[[int], None]] = {}

    def find(self, address: int, size_bytes: int) -> tuple[bytearray, int]:
        for region in self.regions:
            if region.base <= address and address + size_bytes <= region.base + len(region.buffer):
                return region.buffer, address - region.base
        raise CpuException(Vector.ACCESS_ERROR, address)

    def read(self, address: int, size_bytes: int) -> int:
        buffer, offset = self.find(address, size_bytes)
        return int.from_bytes(buffer[offset : offset + size_bytes], "little")

    def write(self, address: int, value: int, size_bytes: int) -> None:
        buffer, offset = self.find(address, size_bytes)
        buffer[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")


class _Events:
    def exception_returned(self) -> None:
        pass

    def exception_chained(self, vector: int) -> None:
        pass

    def outlook(self, address: int, size_bytes: int) -> ReadOutlook | None:
        return None

    def accessed(self, access: Access) -> bool:
        return False


class _OneInstruction(TranslatorEngine):
    def __init__(self, bus: _Bus) -> None:
        super().__init__(CpuState(), bus, _Events(), options=TranslationOptions(most_instructions=1))

    def execute_one(self) -> int | None:
        self._limit = self._elapsed + 1
        stop = self._execute()
        self.settle()
        return stop.vector if stop is not None and stop.reason is StopReason.EXCEPTION else None


class TranslatorDriver:
    """Copies the memory in, executes, copies it out."""

    def __init__(self) -> None:
        self._bus = _Bus()
        self._engine = _OneInstruction(self._bus)
        self.interpreted: list[int] = []

    def execute(self, state: CpuState, memory: Chunks) -> int | None:
        places = [(*self._bus.find(base, len(chunk)), chunk) for base, chunk in memory.items()]
        for buffer, offset, chunk in places:
            buffer[offset : offset + len(chunk)] = chunk
        self._engine._cache.clear()
        self._engine.state = state
        self._engine._stepper = Stepper(state, self._bus, _Events())
        before = self._engine.statistics.interpreted
        vector = self._engine.execute_one()
        if self._engine.statistics.interpreted > before:
            self.interpreted.append(state.pc)
        for buffer, offset, chunk in places:
            chunk[:] = buffer[offset : offset + len(chunk)]
        return vector
