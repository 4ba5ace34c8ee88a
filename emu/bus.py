"""The bus: plain memory, and devices behind their windows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Protocol

from emu.engine.contract import DeviceMemory, MemoryRegion
from emu.isa.ops import CpuException, Vector
from peripherals.framework.errors import BusError
from peripherals.framework.observers import Observers
from peripherals.framework.outlook import Outlook

GRANULE_BYTES = 0x4000
"""Bases and sizes of memories and windows are multiples of it: the engine's page size."""


class Device(Protocol):
    """A block of the chip as the bus sees it."""

    @property
    def contents(self) -> memoryview | None:
        """What it holds, if it is plain memory: the beginning of a bytearray. None for registers."""

    def read(self, offset: int, size_bytes: int = 4) -> int:
        """Answer a read of 1, 2 or 4 bytes."""
        ...

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        """Take a write of 1, 2 or 4 bytes."""

    def word_reader(self, offset: int) -> Callable[[], int]:
        """What answers reads of a word there."""
        ...

    def is_quiet(self, offset: int) -> bool:
        """Whether reads of a word there change nothing, and take no time."""
        ...

    def word_writer(self, offset: int) -> Callable[[int], None]:
        """What takes writes of a word there."""
        ...

    def peek(self, offset: int) -> int:
        """The word there, as a debugger reads it: nothing changes."""
        ...

    def outlook(self, offset: int, size_bytes: int = 4) -> Outlook | None:
        """What such reads give from now on."""


class MemoryMapError(ValueError):
    """Two things claim the same addresses, or one lies where it cannot."""


@dataclass(frozen=True, slots=True)
class _Block:
    name: str
    base: int
    size_bytes: int
    device: Device
    offset: int

    @property
    def end(self) -> int:
        return self.base + self.size_bytes


class Bus:
    """What the CPU reads and writes; `DmaPort` is the view of the other masters."""

    def __init__(
        self, regions: tuple[MemoryRegion, ...], device_windows: tuple[tuple[int, int], ...] = ()
    ) -> None:
        self.regions = regions
        self.device_windows = device_windows
        self._blocks: list[_Block] = []
        self._bases: list[int] = []
        self._routes: dict[int, tuple[Device, int]] = {}  # the registers met so far
        self.word_readers: dict[int, Callable[[], int]] = {}
        """What answers reads of words of the registers that were read so far: `read`, faster."""
        self.quiet_reads: set[int] = set()
        """The addresses of those of them whose reads change nothing, and take no time."""
        self.word_writers: dict[int, Callable[[int], None]] = {}
        """What takes writes of words, likewise."""
        self._memories: dict[int, MemoryRegion] = {}
        self.on_ignored_write: Callable[[str, int], None] = lambda name, address: None
        """Told the name of the memory, and the address."""
        self.granules_read: set[int] | None = None
        """Gets the units of memory that are read here or by a `DmaPort`, if anybody wants to know."""
        windows: set[int] = set()
        for region in regions:
            for granule in _granules(region.name, region.base, len(region.buffer)):
                if granule in self._memories:
                    raise MemoryMapError(f"{region.name} overlaps {self._memories[granule].name}")
                self._memories[granule] = region
        for base, size_bytes in device_windows:
            windows.update(_granules("device window", base, size_bytes))
        if both := windows & self._memories.keys():
            raise MemoryMapError(f"{self._memories[both.pop()].name} overlaps a device window")

    def attach(self, name: str, base: int, size_bytes: int, device: Device, offset: int = 0) -> None:
        """Let a device answer at these addresses of a window: `base` is its register at `offset`."""
        block = _Block(name, base, size_bytes, device, offset)
        if not any(first <= base and block.end <= first + size for first, size in self.device_windows):
            raise MemoryMapError(f"{name} at {base:#x} is outside every device window")
        for other in self._blocks:
            if base < other.end and other.base < block.end:
                raise MemoryMapError(f"{name} at {base:#x} overlaps {other.name}")
        self._blocks.append(block)
        self._blocks.sort(key=attrgetter("base"))
        self._bases = [other.base for other in self._blocks]

    @property
    def device_memories(self) -> tuple[DeviceMemory, ...]:
        """The blocks that are plain memory."""
        memories = []
        for block in self._blocks:
            contents = block.device.contents
            if contents is not None and isinstance(contents.obj, bytearray) and not block.offset:
                memories.append(DeviceMemory(block.base, block.size_bytes, contents.obj))
        return tuple(memories)

    def region_at(self, address: int) -> MemoryRegion | None:
        """The plain memory at an address."""
        return self._memories.get(address // GRANULE_BYTES)

    def read(self, address: int, size_bytes: int) -> int:
        """Read 1, 2 or 4 bytes for the CPU; raises CpuException(ACCESS_ERROR) where nothing answers."""
        if size_bytes == 4 and (read := self.word_readers.get(address)) is not None:
            return read()
        region = self._memories.get(address // GRANULE_BYTES)
        if region is None:
            device, offset = self.route(address, size_bytes)
            if size_bytes == 4:
                self.word_readers[address] = device.word_reader(offset)
                if device.is_quiet(offset):
                    self.quiet_reads.add(address)
            return device.read(offset, size_bytes)
        if self.granules_read is not None:
            self.granules_read.add(address // GRANULE_BYTES)
        offset = address - region.base
        data = region.buffer[offset : offset + size_bytes]
        if len(data) < size_bytes:
            raise CpuException(Vector.ACCESS_ERROR, address)
        return int.from_bytes(data, "little")

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Write 1, 2 or 4 bytes for the CPU; raises CpuException(ACCESS_ERROR) where nothing takes them."""
        if size_bytes == 4 and (write := self.word_writers.get(address)) is not None:
            write(value)
            return
        region = self._memories.get(address // GRANULE_BYTES)
        if region is None:
            device, offset = self.route(address, size_bytes)
            if size_bytes == 4:
                self.word_writers[address] = device.word_writer(offset)
            device.write(offset, value, size_bytes)
            return
        offset = address - region.base
        if region.ignores_writes:
            self.on_ignored_write(region.name, address)
            return
        if not region.writable or offset + size_bytes > len(region.buffer):
            raise CpuException(Vector.ACCESS_ERROR, address)
        region.buffer[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")

    def outlook(self, address: int, size_bytes: int) -> Outlook | None:
        """What such reads of a device give from now on; None: nobody knows. Raises CpuException as `read`."""
        device, offset = self.route(address, size_bytes)
        return device.outlook(offset, size_bytes)

    def peek(self, address: int, size_bytes: int) -> int:
        """Read 1, 2 or 4 bytes of a device without changing anything; raises CpuException as `read`."""
        device, offset = self.route(address, size_bytes)
        return device.peek(offset & ~3) >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def route(self, address: int, size_bytes: int) -> tuple[Device, int]:
        """The device that takes an access, and the offset in it; raises CpuException where there is none."""
        route = self._routes.get(address)
        if route is None:
            index = bisect_right(self._bases, address) - 1
            if index < 0 or address >= self._blocks[index].end:
                raise CpuException(Vector.ACCESS_ERROR, address)
            block = self._blocks[index]
            route = self._routes[address] = block.device, address - block.base + block.offset
        if address & size_bytes - 1:
            raise CpuException(Vector.MISALIGNED, address)
        return route


class DmaPort:
    """The bus as a DMA master or a debugger sees it: bytes instead of words.

    `written` hears of every write to memory: translated code of it has to be forgotten.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.written = Observers[[int, int]]()
        """Told address and size."""

    def read(self, address: int, size_bytes: int) -> bytes:
        """Read bytes; registers word by word. Raises BusError where nothing answers."""
        return self._gather(address, size_bytes, self._bus.read)

    def peek(self, address: int, size_bytes: int) -> bytes:
        """Look at bytes: no register notices. Raises BusError where nothing answers."""
        return self._gather(address, size_bytes, self._bus.peek)

    def _gather(self, address: int, size_bytes: int, read_word: Callable[[int, int], int]) -> bytes:
        region = self._bus.region_at(address)
        if region is not None:
            offset = self._offset(region, address, size_bytes)
            if self._bus.granules_read is not None:
                self._bus.granules_read.update(_touched_granules(address, size_bytes))
            return bytes(region.buffer[offset : offset + size_bytes])
        try:
            device, offset = self._bus.route(address, 1)
            if device.contents is not None and offset + size_bytes <= len(device.contents):
                return bytes(device.contents[offset : offset + size_bytes])
            words = [read_word(at, size).to_bytes(size, "little") for at, size in _words(address, size_bytes)]
        except CpuException as error:
            raise BusError(error.address or address) from error
        return b"".join(words)

    def write(self, address: int, data: bytes) -> None:
        """Store bytes; to a device word by word. Raises BusError where nothing takes them."""
        region = self._bus.region_at(address)
        if region is not None:
            offset = self._offset(region, address, len(data))
            if not region.writable:
                raise BusError(address, f"{region.name} cannot be written")
            region.buffer[offset : offset + len(data)] = data
            self.written(address, len(data))
            return
        try:
            for at, size in _words(address, len(data)):
                start = at - address
                self._bus.write(at, int.from_bytes(data[start : start + size], "little"), size)
        except CpuException as error:
            raise BusError(error.address or address) from error

    @staticmethod
    def _offset(region: MemoryRegion, address: int, size_bytes: int) -> int:
        offset = address - region.base
        if offset + size_bytes > len(region.buffer):
            raise BusError(region.base + len(region.buffer), f"the access begins in {region.name}")
        return offset


def _granules(name: str, base: int, size_bytes: int) -> range:
    if base % GRANULE_BYTES or size_bytes % GRANULE_BYTES or not 0 <= base < base + size_bytes <= 1 << 32:
        raise MemoryMapError(
            f"{name} at {base:#x}, {size_bytes:#x} bytes: not whole units of {GRANULE_BYTES:#x}"
        )
    return range(base // GRANULE_BYTES, (base + size_bytes) // GRANULE_BYTES)


def _touched_granules(address: int, size_bytes: int) -> range:
    return range(address // GRANULE_BYTES, -(-(address + size_bytes) // GRANULE_BYTES))


def _words(address: int, size_bytes: int) -> Iterator[tuple[int, int]]:
    """(address, size) of the aligned accesses of 4, 2 or 1 bytes that make up a range."""
    end = address + size_bytes
    while address < end:
        size = next(size for size in (4, 2, 1) if not address % size and address + size <= end)
        yield address, size
        address += size
