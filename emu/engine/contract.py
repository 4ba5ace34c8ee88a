"""The contract between an execution engine and the CPU core that drives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol

from emu.engine.coverage import CoverageSink, Known
from emu.engine.flow import Flow, FlowSink
from emu.isa.ops import LowPower
from emu.isa.state import CpuState


class StopReason(Enum):
    """Why `Engine.run` came back."""

    BUDGET = auto()
    """The budget is used up, at a check point: behind a branch backwards, an indirect one, a return."""
    ATTENTION = auto()
    """The core may have something to do: an interrupt waits that may be deliverable now."""
    EXCEPTION = auto()
    """The instruction at `state.pc` raised `Stop.vector`; nothing of it has happened."""
    TRACE = auto()
    """PSR.TM wants an exception behind the instruction executed last; `state.pc` is the next one."""
    LOW_POWER = auto()
    """wait, doze or stop was executed; `state.pc` is behind it."""
    BREAKPOINT = auto()
    """`state.pc` is in the breakpoint set and has not been executed."""
    WATCHED = auto()
    """The instruction executed last has made an access for which `CoreEvents.accessed` ends the run."""
    STEPPED = auto()
    """One instruction was executed, as `step` was asked to, and nothing of the above came of it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The outcome of one run; `address` is the data address of an access error."""

    reason: StopReason
    vector: int | None = None
    address: int | None = None
    mode: LowPower | None = None


BUDGET_USED_UP = Stop(StopReason.BUDGET)
NEEDS_ATTENTION = Stop(StopReason.ATTENTION)
FELL_ASLEEP = {mode: Stop(StopReason.LOW_POWER, mode=mode) for mode in LowPower}
"""Those of every tick of an idle firmware."""


@dataclass(frozen=True, slots=True, eq=False)
class MemoryRegion:
    """Plain memory of the guest: `buffer` keeps its address for life and is changed in place."""

    name: str
    base: int
    buffer: bytearray
    writable: bool  # by store instructions; flash is not
    ignores_writes: bool = False  # instead of an access error
    cost: int = 1  # what each instruction executed from here adds to `Engine.elapsed`


@dataclass(frozen=True, slots=True, eq=False)
class DeviceMemory:
    """Plain memory among the registers of a device window: an engine may access it without the bus."""

    base: int
    size_bytes: int
    buffer: bytearray
    """Holds it at its beginning, and whole pages; it keeps its address for life and is changed in place."""


@dataclass(frozen=True, slots=True)
class WatchedRange:
    """Addresses whose reads or writes by data accesses of instructions are told."""

    address: int
    size_bytes: int
    reads: bool
    writes: bool

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.size_bytes

    def sees(self, address: int, size_bytes: int, *, is_write: bool) -> bool:
        """Whether an access is of a kind that is told, and reaches into it."""
        is_told = self.writes if is_write else self.reads
        return is_told and self.address < address + size_bytes and address < self.end


@dataclass(frozen=True, slots=True)
class Access:
    """A read or write of data of 1, 2 or 4 bytes."""

    address: int
    size_bytes: int
    value: int
    is_write: bool


class ElapsedCount(NamedTuple):
    """A count of time, of which what has elapsed is the measure: a straight line, rounded down twice."""

    since: int
    multiplier: int
    divisor: int
    start: int
    rate: int
    unit: int

    def at(self, elapsed: int) -> int:
        """What it is when so much has elapsed."""
        time = (elapsed - self.since) * self.multiplier // self.divisor
        return (self.start + self.rate * time) // self.unit


@dataclass(frozen=True, slots=True)
class ReadOutlook:
    """What reads of a device register give from now on, as long as no run ends and nothing is written."""

    until: int | None = None
    """It holds as long as less has elapsed; None: for good."""
    count: ElapsedCount | None = None
    """What the register is. None: it stays as it is."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine has to keep beside `CpuState`; the same for all engines at the same point of a run."""

    executed: int = 0
    elapsed: int = 0
    limit: int = 0
    interrupt_pending: bool = False


class GuestBus(Protocol):
    """What an engine needs of the bus."""

    @property
    def regions(self) -> tuple[MemoryRegion, ...]:
        """All plain memory."""
        ...

    @property
    def device_windows(self) -> tuple[tuple[int, int], ...]:
        """(base, size_bytes) of address ranges served by `read`/`write` calls instead of memory."""
        ...

    @property
    def device_memories(self) -> tuple[DeviceMemory, ...]:
        """What of these ranges is plain memory."""
        ...

    @property
    def word_readers(self) -> Mapping[int, Callable[[], int]]:
        """What answers reads of words of registers, as `read` would; of those that are known so far."""
        ...

    @property
    def quiet_reads(self) -> Set[int]:
        """Addresses of those of them whose reads change nothing, and take no time."""
        ...

    @property
    def word_writers(self) -> Mapping[int, Callable[[int], None]]:
        """What takes writes of words, as `write` would, likewise."""
        ...

    def read(self, address: int, size_bytes: int) -> int:
        """Any address; raises CpuException(ACCESS_ERROR, address) where nothing answers."""
        ...

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Any address; raises CpuException(ACCESS_ERROR, address) where nothing answers."""


class CoreEvents(Protocol):
    """What the core wants to hear from the instructions an engine executes."""

    def exception_returned(self) -> None:
        """rte or nir: the interrupt controller drops the highest active interrupt."""

    def exception_chained(self, vector: int) -> None:
        """The same, and the handler of `vector` has been entered right behind it."""

    def outlook(self, address: int, size_bytes: int) -> ReadOutlook | None:
        """What such reads of a device give from now on; None: nobody knows. Raises CpuException as a read."""
        ...

    def accessed(self, access: Access) -> bool:
        """An instruction has accessed a watched range; True: the run ends behind this instruction."""
        ...


class LateReturn(Protocol):
    """A return from an exception that may be told when the run ends, as no instruction could notice it."""

    is_allowed: bool

    def allow(self) -> None:
        """Allow the next one to be told later."""

    def chain(self, vector: int) -> None:
        """Let the handler of `vector` begin at the next one, and return later as well."""

    def forbid(self) -> None:
        """Forbid it again; also inside a device access."""

    def tell(self) -> None:
        """Inside a device access: call `exception_chained` and `exception_returned` now, if they are due."""


class Engine(Protocol):
    """Runs guest instructions. Behind a run, `state` is exact but for what `settle` brings up to date."""

    state: CpuState

    @property
    def late_return(self) -> LateReturn:
        """The return from an exception that is to come."""
        ...

    @property
    def flow(self) -> Flow | None:
        """Where control has gone, if the engine was made to note it, or asked to."""

    def run(self, budget: int) -> Stop:
        """Execute instructions that cost `budget` (> 0) and on to a check point (`StopReason.BUDGET`)."""
        ...

    def step(self, budget: int) -> Stop:
        """Execute one instruction, breakpoint or not; a run goes on from there as if nobody had looked."""
        ...

    def note_flow(self, sink: FlowSink | None) -> None:
        """Between runs: let a sink have all of the flow from now on; None: no longer."""

    @property
    def coverage(self) -> CoverageSink | None:
        """Who is told of coverage."""

    def tell_coverage(self, sink: CoverageSink | None, known: Known | None = None) -> None:
        """Between runs: tell a sink what is executed for the first time from now on; None: no longer.

        What is `known` may be left out, and what is told is added to it.
        """

    def note_reads(self, pages: set[int] | None) -> None:
        """Between runs: add to a set the numbers of the pages of 16 KiB that are read; None: no longer.

        Of memory that stores do not change: data, code and literals, each page by its first read at the
        latest. What is read through the bus, others have to note.
        """

    def settle(self) -> None:
        """Bring the general and the float registers of `state` (but r14), FESR, and SS0-SS4 up to date.

        Needed before somebody looks at them; inside a run it does nothing.
        """

    @property
    def executed(self) -> int:
        """Instructions retired since the engine was made; exact at any time, also inside a device access."""
        ...

    @property
    def elapsed(self) -> int:
        """What they have cost (`MemoryRegion.cost`); exact at any time, too."""
        ...

    def count(self) -> int:
        """The same, for who asks all the time: a call costs less than a property."""
        ...

    @property
    def limit(self) -> int:
        """Where in `elapsed` the run under way ends, or the last one was to end: see `end_at`."""
        ...

    @property
    def current_pc(self) -> int:
        """Address of the instruction being executed; exact at any time, also inside a device access."""
        ...

    def end_at(self, elapsed: int) -> None:
        """Inside a device access: let the run end at a check point when so much has elapsed, or before."""

    def set_interrupt_pending(self, pending: bool) -> None:
        """Tell whether enabling PSR.IE or PSR.EE must end the run with ATTENTION."""

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """Replace the breakpoint set. A run that starts on a breakpoint executes that instruction first."""

    def set_watched(self, watched: frozenset[WatchedRange]) -> None:
        """Replace what is watched, between runs. Code and its literals are not data."""

    def save(self) -> EngineState:
        """Take a snapshot, between runs."""
        ...

    def restore(self, snapshot: EngineState) -> None:
        """Go back to a snapshot of any engine, between runs."""

    def invalidate(self, address: int, size_bytes: int) -> None:
        """Memory that may hold translated code was changed by something other than a store instruction."""


EngineFactory = Callable[[CpuState, GuestBus, CoreEvents], Engine]
