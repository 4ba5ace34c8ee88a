"""The bus finds memory and devices, and refuses what nothing answers."""

from collections.abc import Callable
from functools import partial

import pytest
from support.environment import FakeWorld

from emu.bus import Bus, DmaPort, MemoryMapError
from emu.engine.contract import MemoryRegion
from emu.isa.ops import CpuException, Vector
from peripherals.framework.errors import BusError
from peripherals.framework.outlook import Outlook
from peripherals.shared_buffer import SharedBuffer

RAM, FLASH, WINDOW = 0x2000_0000, 0x0800_0000, 0x4000_0000


class FakeDevice:
    contents = None

    def __init__(self) -> None:
        self.accesses: list[tuple[int, ...]] = []

    def read(self, offset: int, size_bytes: int = 4) -> int:
        self.accesses.append((offset, size_bytes))
        return 0x11

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        self.accesses.append((offset, size_bytes, value))

    def is_quiet(self, offset: int) -> bool:
        return False

    def word_reader(self, offset: int) -> Callable[[], int]:
        return partial(self.read, offset)

    def word_writer(self, offset: int) -> Callable[[int], None]:
        return partial(self.write, offset)

    def peek(self, offset: int) -> int:
        return 0x1122_3344

    def outlook(self, offset: int, size_bytes: int = 4) -> Outlook | None:
        return None


@pytest.fixture
def device() -> FakeDevice:
    return FakeDevice()


@pytest.fixture
def bus(device: FakeDevice) -> Bus:
    memories = (
        MemoryRegion("ram", RAM, bytearray(0x4000), writable=True),
        MemoryRegion("flash", FLASH, bytearray(b"\xff" * 0x4000), writable=False),
    )
    bus = Bus(memories, ((WINDOW, 0x4000),))
    bus.attach("uart0", WINDOW + 0x600, 0x200, device)
    return bus


def vector_of(bus: Bus, address: int, size_bytes: int, value: int | None = None) -> tuple[int, int | None]:
    access: Callable[[], object] = partial(bus.read, address, size_bytes)
    if value is not None:
        access = partial(bus.write, address, value, size_bytes)
    with pytest.raises(CpuException) as caught:
        access()
    return caught.value.vector, caught.value.address


def test_memory_is_little_endian_and_takes_every_size(bus: Bus) -> None:
    bus.write(RAM + 4, 0x1234_5678, 4)
    bus.write(RAM + 7, 0xAB, 1)
    assert bus.read(RAM + 4, 4) == 0xAB34_5678
    assert bus.read(RAM + 5, 2) == 0x3456


def test_flash_can_be_read_but_not_stored_to(bus: Bus) -> None:
    assert bus.read(FLASH, 4) == 0xFFFF_FFFF
    assert vector_of(bus, FLASH, 4, value=0) == (Vector.ACCESS_ERROR, FLASH)


@pytest.mark.parametrize("address", [0, FLASH - 4, RAM + 0x4000, WINDOW, WINDOW + 0x800, 0xFFFF_FFFC])
def test_nothing_answers_outside_memories_and_devices(bus: Bus, address: int) -> None:
    assert vector_of(bus, address, 4) == (Vector.ACCESS_ERROR, address)
    assert vector_of(bus, address, 4, value=0) == (Vector.ACCESS_ERROR, address)


def test_a_store_to_a_memory_that_ignores_writes_is_reported_and_changes_nothing() -> None:
    rom = MemoryRegion("rom", 0, bytearray(0x4000), writable=False, ignores_writes=True)
    bus = Bus((rom,))
    ignored: list[tuple[str, int]] = []
    bus.on_ignored_write = lambda name, address: ignored.append((name, address))
    bus.write(0x10, 0xFFFF_FFFF, 4)
    assert (bus.read(0x10, 4), ignored) == (0, [("rom", 0x10)])


def test_an_access_across_the_end_of_a_memory_is_refused(bus: Bus) -> None:
    assert vector_of(bus, RAM + 0x3FFE, 4) == (Vector.ACCESS_ERROR, RAM + 0x3FFE)
    assert vector_of(bus, RAM + 0x3FFE, 4, value=1) == (Vector.ACCESS_ERROR, RAM + 0x3FFE)


def test_a_device_gets_offset_size_and_value(bus: Bus, device: FakeDevice) -> None:
    assert bus.read(WINDOW + 0x604, 2) == 0x11
    bus.write(WINDOW + 0x620, 0x55, 4)
    assert device.accesses == [(4, 2), (0x20, 4, 0x55)]


def test_an_unaligned_device_access_is_misaligned(bus: Bus, device: FakeDevice) -> None:
    assert vector_of(bus, WINDOW + 0x602, 4) == (Vector.MISALIGNED, WINDOW + 0x602)
    assert device.accesses == []


@pytest.mark.parametrize(
    ("offset", "size_bytes", "value"), [(0, 4, 0x1122_3344), (2, 2, 0x1122), (3, 1, 0x11)]
)
def test_a_look_at_a_device_is_no_access(
    bus: Bus, device: FakeDevice, offset: int, size_bytes: int, value: int
) -> None:
    assert DmaPort(bus).peek(WINDOW + 0x600 + offset, size_bytes) == value.to_bytes(size_bytes, "little")
    assert device.accesses == []


def test_nothing_is_there_to_look_at_outside_the_blocks(bus: Bus) -> None:
    with pytest.raises(BusError):
        DmaPort(bus).peek(WINDOW, 4)


def test_blocks_and_memories_must_not_overlap(bus: Bus, device: FakeDevice) -> None:
    with pytest.raises(MemoryMapError, match="uart1 at 0x40000700 overlaps uart0"):
        bus.attach("uart1", WINDOW + 0x700, 0x200, device)
    with pytest.raises(MemoryMapError, match="outside every device window"):
        bus.attach("uart1", WINDOW + 0x3F00, 0x200, device)
    with pytest.raises(MemoryMapError, match="rom overlaps ram"):
        Bus((bus.regions[0], MemoryRegion("rom", RAM, bytearray(0x4000), writable=False)))
    with pytest.raises(MemoryMapError, match="ram overlaps a device window"):
        Bus(bus.regions, ((RAM, 0x4000),))


@pytest.mark.parametrize(("base", "size_bytes"), [(0x2000, 0x4000), (0, 0x3FFF), (0xFFFF_C000, 0x8000)])
def test_memories_come_in_whole_pages_of_the_engine(base: int, size_bytes: int) -> None:
    with pytest.raises(MemoryMapError, match="odd at"):
        Bus((MemoryRegion("odd", base, bytearray(size_bytes), writable=True),))


def test_dma_moves_bytes_and_tells_what_it_changed(bus: Bus) -> None:
    port = DmaPort(bus)
    changes: list[tuple[int, int]] = []
    port.written.append(lambda address, size_bytes: changes.append((address, size_bytes)))
    port.write(RAM + 1, b"abc")
    assert port.read(RAM, 5) == b"\0abc\0"
    assert changes == [(RAM + 1, 3)]


def test_dma_reaches_devices(bus: Bus, device: FakeDevice) -> None:
    port = DmaPort(bus)
    port.write(WINDOW + 0x620, b"\x41")
    assert port.read(WINDOW + 0x630, 1) == b"\x11"
    assert device.accesses == [(0x20, 1, 0x41), (0x30, 1)]


def test_dma_gets_bus_errors(bus: Bus) -> None:
    port = DmaPort(bus)
    with pytest.raises(BusError, match="0x30000000"):
        port.read(0x3000_0000, 4)
    with pytest.raises(BusError, match="flash cannot be written"):
        port.write(FLASH, b"a")
    with pytest.raises(BusError, match="begins in ram"):
        port.read(RAM + 0x3FFF, 2)


def test_dma_reads_a_device_word_by_word(bus: Bus, device: FakeDevice) -> None:
    assert len(DmaPort(bus).read(WINDOW + 0x602, 9)) == 9
    assert device.accesses == [(2, 2), (4, 4), (8, 2), (10, 1)]


def test_dma_reads_memory_among_the_registers_at_once(bus: Bus, world: FakeWorld) -> None:
    buffer = SharedBuffer("buffer", world.environment)
    buffer.contents[:4] = b"abcd"
    bus.attach("buffer", WINDOW + 0x1000, 0x400, buffer)
    assert DmaPort(bus).read(WINDOW + 0x1001, 2) == b"bc"
    with pytest.raises(BusError, match="0x40001400"):
        DmaPort(bus).read(WINDOW + 0x13F0, 0x20)
