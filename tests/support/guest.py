"""A guest without a chip: flash, SRAM and one device, for testing engines."""

from __future__ import annotations

from collections.abc import Callable

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import Access, DeviceMemory, Engine, MemoryRegion, ReadOutlook, Stop
from emu.engine.interpreter_engine import InterpreterEngine
from emu.isa.assembler import assemble
from emu.isa.ops import CpuException, Vector
from emu.isa.state import CpuState, Psr

FLASH, SRAM, DEVICE = 0x0800_0000, 0x2000_0000, 0x4000_0000
FLASH_BYTES, SRAM_BYTES, DEVICE_BYTES = 0x8_0000, 0x4_8000, 0x4000
ANSWERING = 0x100  # the device answers at its first 0x100 bytes


class GuestBus:
    """The memory map; `on_read` and `on_write` are the device."""

    def __init__(self, costs: tuple[int, int] = (1, 1)) -> None:
        self.flash = MemoryRegion("flash", FLASH, bytearray(FLASH_BYTES), False, cost=costs[0])
        self.sram = MemoryRegion("sram", SRAM, bytearray(SRAM_BYTES), True, cost=costs[1])
        self.regions = (self.flash, self.sram)
        self.device_windows = ((DEVICE, DEVICE_BYTES),)
        self.device_memories: tuple[DeviceMemory, ...] = ()
        self.word_readers: dict[int, Callable[[], int]] = {}
        self.quiet_reads: set[int] = set()
        self.word_writers: dict[int, Callable[[int], None]] = {}
        self.on_read: Callable[[int], int] = lambda offset: 0
        self.on_write: Callable[[int, int], None] = lambda offset, value: None

    def region_at(self, address: int, size_bytes: int) -> MemoryRegion | None:
        for region in self.regions:
            if region.base <= address and address + size_bytes <= region.base + len(region.buffer):
                return region
        return None

    def route(self, address: int, size_bytes: int) -> None:
        """Raise what an access to no memory gets, unless the device takes it."""
        if not DEVICE <= address <= DEVICE + ANSWERING - size_bytes:
            raise CpuException(Vector.ACCESS_ERROR, address)
        if address & size_bytes - 1:
            raise CpuException(Vector.MISALIGNED, address)

    def read(self, address: int, size_bytes: int) -> int:
        region = self.region_at(address, size_bytes)
        if region is None:
            self.route(address, size_bytes)
            return self.on_read(address - DEVICE) & (1 << size_bytes * 8) - 1
        offset = address - region.base
        return int.from_bytes(region.buffer[offset : offset + size_bytes], "little")

    def write(self, address: int, value: int, size_bytes: int) -> None:
        region = self.region_at(address, size_bytes)
        if region is None:
            self.route(address, size_bytes)
            self.on_write(address - DEVICE, value)
            return
        if not region.writable:
            raise CpuException(Vector.ACCESS_ERROR, address)
        offset = address - region.base
        region.buffer[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")


class GuestEvents:
    """Counts what the engine reports."""

    def __init__(self) -> None:
        self.returns = 0
        self.foresee: Callable[[int], ReadOutlook | None] = lambda offset: None

    def accessed(self, access: Access) -> bool:
        return False

    def outlook(self, address: int, size_bytes: int) -> ReadOutlook | None:
        return self.foresee(address - DEVICE)

    def exception_returned(self) -> None:
        self.returns += 1

    def exception_chained(self, vector: int) -> None:
        self.returns += 1


class Guest:
    """A bus, a state and an engine on them; code is put down instruction by instruction."""

    def __init__(self, engine: str = "translator", costs: tuple[int, int] = (1, 1)) -> None:
        """`costs` of an instruction in flash and in SRAM."""
        self.bus = GuestBus(costs)
        self.state = CpuState(pc=FLASH, psr=Psr.RESET | Psr.MM | Psr.EE)
        self.events = GuestEvents()
        self.engine: Engine
        if engine == "translator":
            self.engine = TranslatorEngine(self.state, self.bus, self.events)
        else:
            self.engine = InterpreterEngine(self.state, self.bus, self.events)

    def run(self, budget: int) -> Stop:
        """Run the engine; `state` is exact behind it."""
        stop = self.engine.run(budget)
        self.engine.settle()
        return stop

    def put(self, address: int, *code: bytes) -> int:
        """Lay code down; the address behind it."""
        for item in code:
            region = self.bus.region_at(address, len(item))
            assert region is not None
            offset = address - region.base
            region.buffer[offset : offset + len(item)] = item
            address += len(item)
        return address


class Program:
    """Assembles a program with labels: `loop = p.here()`, `p("br", offset=p.to(loop))`."""

    def __init__(self, guest: Guest, address: int = FLASH) -> None:
        self._guest = guest
        self.address = address

    def here(self) -> int:
        return self.address

    def to(self, target: int) -> int:
        """The branch offset from the next instruction put down to `target`."""
        return target - self.address

    def __call__(self, name: str, **operands: int) -> int:
        """Put an instruction down; its address."""
        at = self.address
        self.address = self._guest.put(at, assemble(name, **operands))
        return at
