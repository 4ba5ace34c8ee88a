"""Tiny programs in memory, and a CPU around them: what the tests of engines and core share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from emu.bus import Bus
from emu.clock import VirtualClock
from emu.cpu.core import Core
from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import EngineFactory, MemoryRegion, Stop
from emu.engine.interpreter_engine import InterpreterEngine
from emu.isa.assembler import assemble
from emu.isa.ops import Vector
from emu.isa.state import Control
from peripherals.framework.outlook import Outlook

RAM, FLASH, DEVICES = 0x2000_0000, 0x0800_0000, 0x4000_0000
VECTORS = FLASH + 0x400
HANDLERS = FLASH + 0x1000  # handler of vector n: HANDLERS + n * 0x20
STACK = RAM + 0x3000
DOORBELL = DEVICES

ENGINES: dict[str, EngineFactory] = {"interpreter": InterpreterEngine, "translator": TranslatorEngine}

Line = tuple[str, dict[str, int]]


def op(name: str, /, **operands: int) -> bytes:
    """One instruction."""
    return assemble(name, **operands)


def code(*lines: bytes) -> bytes:
    """Instructions one behind the other."""
    return b"".join(lines)


class Doorbell:
    """A device whose register calls the test back."""

    contents = None

    def __init__(self) -> None:
        self.on_read: Callable[[], int] = lambda: 0
        self.on_write: Callable[[int], None] = lambda value: None

    def read(self, offset: int, size_bytes: int = 4) -> int:
        return self.on_read()

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        self.on_write(value)

    def is_quiet(self, offset: int) -> bool:
        return False

    def word_reader(self, offset: int) -> Callable[[], int]:
        return lambda: self.on_read()

    def word_writer(self, offset: int) -> Callable[[int], None]:
        return lambda value: self.on_write(value)

    def peek(self, offset: int) -> int:
        return 0

    def outlook(self, offset: int, size_bytes: int = 4) -> Outlook | None:
        return None


class FakeInterrupts:
    """One interrupt request, as the test says."""

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_look: Callable[[], None] = lambda: None
        self.completes_quietly = self.chains_quietly = False
        self.pending: int | None = None
        self.log: list[str] = []

    def request(self, vector: int) -> None:
        self.pending = vector
        self.on_change()

    def pending_vector(self) -> int | None:
        return self.pending

    def wakeup_pending(self) -> bool:
        return self.pending is not None

    def acknowledge(self, vector: int) -> None:
        self.log.append(f"enter {vector}")
        self.pending = None

    def complete(self) -> None:
        self.log.append("complete")

    def chain(self, vector: int) -> None:
        self.log.append(f"chain {vector}")


class Cpu:
    """A core with flash, RAM, a doorbell and a fake interrupt controller; 1 instruction is 10 ns."""

    def __init__(self, engine: str, program: bytes, *, handlers: dict[int, bytes] | None = None) -> None:
        self.flash = bytearray(0x4000)
        self.ram = bytearray(0x4000)
        memories = (
            MemoryRegion("flash", FLASH, self.flash, writable=False),
            MemoryRegion("ram", RAM, self.ram, writable=True),
        )
        self.bus = Bus(memories, ((DEVICES, 0x4000),))
        self.doorbell = Doorbell()
        self.bus.attach("doorbell", DEVICES, 4, self.doorbell)
        self.interrupts = FakeInterrupts()
        self.clock = VirtualClock(100_000_000)
        self.core = Core(ENGINES[engine], self.bus, self.clock, self.interrupts)
        self.flash[: len(program)] = program
        for vector in range(64):
            address = HANDLERS + vector * 0x20
            self.put(VECTORS + 4 * vector, address.to_bytes(4, "little"))
            self.put(address, (handlers or {}).get(vector, op("br", offset=0)))
        self.core.reset(FLASH)
        self.core.state.control[Control.VBR] = VECTORS
        self.core.state.r[14] = STACK

    @property
    def r(self) -> list[int]:
        return self.core.state.r

    @property
    def pc(self) -> int:
        return self.core.state.pc

    def run_engine(self, budget: int) -> Stop:
        stop = self.core.engine.run(budget)
        self.core.engine.settle()
        return stop

    def put(self, address: int, data: bytes) -> None:
        self.flash[address - FLASH : address - FLASH + len(data)] = data

    def enable(self, *bits: int) -> None:
        for bit in bits:
            self.core.state.psr |= bit


def handler_of(vector: int) -> int:
    """Where the handler of a vector begins."""
    return HANDLERS + vector * 0x20


def vectors(events: Iterable[object]) -> list[Vector]:
    """The vector of each exception event."""
    return [Vector(event.vector) for event in events]  # type: ignore[attr-defined]
