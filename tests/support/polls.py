"""Loops that wait for a device, as drivers have them: for tests, and for benchmarks/polls.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from emu.cpu.core_stop import CoreStop
from emu.cycles import ONE_CYCLE, Costs
from emu.engine.contract import EngineFactory
from emu.isa.assembler import assemble
from emu.machine.board import Board, BoardOptions
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.soc.w800 import W800
from peripherals.framework.reset import ResetCause

CORE_TIMER, UART0, TIMERS = (W800.rows[name].base for name in ("core_timer", "uart0", "timers"))
CONTROL, LOAD, VALUE = 0x0, 0x4, 0x8
EXPIRED = 16
FIFO_STATUS = 0x1C
CURRENT = 0x20
STACK = SRAM_BASE + 0x1_0000
CLOCKS_A_MS = 80_000


class Listing:
    """A program that is put down instruction by instruction; forward branches are completed by `label`."""

    def __init__(self, base: int = FLASH_BASE) -> None:
        self._base = base
        self._pieces: list[tuple[str, dict[str, int], str]] = []
        self._labels: dict[str, int] = {}
        self._at = base

    def __call__(self, name: str, to: str = "", **operands: int) -> None:
        """Put an instruction down; `to` is the label that a branch goes to."""
        self._pieces.append((name, operands, to))
        self._at += len(assemble(name, **operands, **({"offset": 0} if to else {})))

    def label(self, name: str) -> None:
        """Name the place of the next instruction."""
        self._labels[name] = self._at

    def constant(self, register: int, value: int) -> None:
        """Load a constant in two instructions."""
        self("movih", rz=register, imm=value >> 16)
        self("ori", rz=register, rx=register, imm=value & 0xFFFF)

    def address_of(self, label: str) -> int:
        """Where a label is."""
        return self._labels[label]

    @property
    def code(self) -> bytes:
        """All of it, assembled."""
        code = b""
        for name, operands, to in self._pieces:
            at = self._base + len(code)
            code += assemble(name, **operands, **({"offset": self._labels[to] - at} if to else {}))
        return code


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that waits: r6 to r8 are the bases of core timer, UART0 and timers, r9 says how long."""

    source: str
    write: Callable[[Listing], None]
    clocks: int = CLOCKS_A_MS
    """What is in r9 for each millisecond that it shall wait."""
    reload: int | None = None
    """Of the core timer; None: it expires when the time has passed."""


def _until_expired(p: Listing, to: str) -> None:
    """Branch unless the core timer has expired: r3 is its control register."""
    p("btsti32", rx=3, imm=EXPIRED)
    p("bf32", to=to)


def _flag(p: Listing) -> None:
    p.label("loop")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    _until_expired(p, "loop")


def _read_function(p: Listing) -> None:
    """r3 = *r0, with a stack frame; the loop is behind it."""
    p("br32", to="loop")
    p.label("read")
    p("push16", registers=0x11)
    p("ld.w", rz=3, rx=0, offset=0)
    p("pop16", registers=0x11)


def _flag_through_function(p: Listing) -> None:
    _read_function(p)
    p.label("loop")
    p("mov", rz=0, rx=6)
    p("bsr", to="read")
    _until_expired(p, "loop")


def _counter(p: Listing) -> None:
    p("movi", rz=4, imm=0)
    p("br32", to="loop")
    p.label("count")
    p("addi", rz=4, rx=4, oimm=1)
    p("cmphs32", rx=4, ry=9)
    p("bt32", to="end")
    p.label("loop")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    _until_expired(p, "count")


def _counter_down(p: Listing) -> None:
    p("br32", to="loop")
    p.label("count")
    p("subi", rz=9, rx=9, oimm=1)
    p("bez", to="end", rx=9)
    p.label("loop")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    _until_expired(p, "count")


def _counter_in_memory(p: Listing) -> None:
    p("movi", rz=4, imm=0)
    p("st.w", rz=4, rx=14, offset=8)
    p("br32", to="loop")
    p.label("count")
    p("ld.w", rz=4, rx=14, offset=8)
    p("addi", rz=4, rx=4, oimm=1)
    p("st.w", rz=4, rx=14, offset=8)
    p("ld.w", rz=4, rx=14, offset=8)
    p("cmphs32", rx=4, ry=9)
    p("bt32", to="end")
    p.label("loop")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    _until_expired(p, "count")


def _short_counter(p: Listing) -> None:
    p("movi", rz=4, imm=0)
    p("br32", to="loop")
    p.label("count")
    p("addi", rz=4, rx=4, oimm=1)
    p("zexth32", rz=4, rx=4)
    p("cmpne32", rx=4, ry=9)
    p("bf32", to="end")
    p.label("loop")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    _until_expired(p, "count")


def _two_registers(p: Listing) -> None:
    p("br32", to="loop")
    p.label("next")
    p("ld.w", rz=3, rx=7, offset=FIFO_STATUS)
    p("bnez", to="end", rx=3)
    p.label("loop")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    _until_expired(p, "next")


def _two_registers_through_function(p: Listing) -> None:
    _read_function(p)
    p.label("next")
    p("addi", rz=0, rx=7, oimm=FIFO_STATUS)
    p("bsr", to="read")
    p("bnez", to="end", rx=3)
    p.label("loop")
    p("mov", rz=0, rx=6)
    p("bsr", to="read")
    _until_expired(p, "next")


def _delay(p: Listing) -> None:
    p("ld.w", rz=10, rx=6, offset=LOAD)
    p("ld.w", rz=2, rx=6, offset=VALUE)
    p("movi", rz=4, imm=0)
    p.label("loop")
    p("mov", rz=1, rx=2)
    p("ld.w", rz=2, rx=6, offset=VALUE)
    p("addu32", rz=4, rx=4, ry=1)
    p("subu32", rz=4, rx=4, ry=2)
    p("cmphs32", rx=2, ry=1)
    p("bf32", to="compare")
    p("addu32", rz=4, rx=4, ry=10)
    p.label("compare")
    p("cmphs32", rx=4, ry=9)
    p("bf32", to="loop")


def _delay_from_start(p: Listing) -> None:
    p("ld.w", rz=2, rx=6, offset=VALUE)
    p.label("loop")
    p("ld.w", rz=1, rx=6, offset=VALUE)
    p("subu32", rz=1, rx=2, ry=1)
    p("lsli32", rz=1, rx=1, imm=8)
    p("lsri32", rz=1, rx=1, imm=8)
    p("cmphs32", rx=1, ry=9)
    p("bf32", to="loop")


def _timer(p: Listing) -> None:
    p("ld.w", rz=2, rx=8, offset=CURRENT)
    p.label("loop")
    p("ld.w", rz=1, rx=8, offset=CURRENT)
    p("subu32", rz=1, rx=1, ry=2)
    p("cmphs32", rx=1, ry=9)
    p("bf32", to="loop")


def _divided_timer(p: Listing) -> None:
    p("movi", rz=10, imm=1000)
    p.label("loop")
    p("ld.w", rz=1, rx=8, offset=CURRENT + 4)
    p("divu", rz=1, rx=1, ry=10)
    p("cmphs32", rx=1, ry=9)
    p("bf32", to="loop")


def _timer_through_function(p: Listing) -> None:
    """Two loops, of half of it each, whose reads a function makes, as it does those before them."""
    p("addi", rz=0, rx=8, oimm=CURRENT + 4)
    p("lsri32", rz=10, rx=9, imm=1)
    p("br32", to="first")
    p.label("read")
    p("ld.w", rz=3, rx=0, offset=0)
    p("rts16")
    for loop in ("first", "second"):
        p.label(loop)
        p("bsr", to="read")
        p("mov", rz=2, rx=3)
        p.label(f"{loop} loop")
        p("bsr", to="read")
        p("subu32", rz=3, rx=3, ry=2)
        p("cmphs32", rx=3, ry=10)
        p("bf32", to=f"{loop} loop")


def _receive(p: Listing) -> None:
    p("br32", to="loop")
    p.label("next")
    p("ld.w", rz=3, rx=6, offset=CONTROL)
    p("btsti32", rx=3, imm=EXPIRED)
    p("bt32", to="end")
    p.label("loop")
    p("ld.w", rz=3, rx=7, offset=FIFO_STATUS)
    p("andi", rz=3, rx=3, imm=0xFC0)
    p("bez", to="next", rx=3)


LONGEST = 0xFF_FFFF
LOOPS = {
    "flag": Loop("while (!expired);", _flag),
    "flag, through a function": Loop("while (!(read(&CTRL) & EXPIRED));", _flag_through_function),
    "counter": Loop("while (!expired && ++n < limit);", _counter),
    "counter, which ends first": Loop("while (!expired && ++n < limit);", _counter, 8_000),
    "counter, downwards": Loop("while (!expired && --n);", _counter_down),
    "counter, in memory": Loop("while (!expired && ++*n < limit);", _counter_in_memory),
    "counter, 16 bits": Loop("while (!expired && ++n != limit);", _short_counter, 3_000),
    "two registers": Loop("while (!expired && !UART0->FIFO_STATUS);", _two_registers),
    "two registers, through a function": Loop("the same through `read`", _two_registers_through_function),
    "delay": Loop("udelay: add up what VAL has fallen", _delay, reload=LONGEST),
    "delay from a start": Loop("while (((start - VAL) & 0xFFFFFF) < n);", _delay_from_start, reload=LONGEST),
    "timer in milliseconds": Loop("while (CURRENT[0] - start < n);", _timer, 1),
    "timer in microseconds, divided": Loop("while (CURRENT[1] / 1000 < n);", _divided_timer, 1),
    "timer, through a function": Loop(
        "start = us(); while (us() - start < n);", _timer_through_function, 1_000
    ),
    "receive": Loop("while (!(UART0->FIFO_STATUS & RX)) if (expired) break;", _receive),
}


def short_waits(name: str, wait_us: int, times: int) -> Loop:
    """One of the loops that ends after so many microseconds, again and again; r9 is not used."""
    loop = LOOPS[name]

    def write(p: Listing) -> None:
        p.constant(9, wait_us * loop.clocks // 1000)
        p.constant(11, times)
        p.label("again")
        loop.write(p)
        p("subi32", rz=11, rx=11, oimm=1)
        p("bnez", rx=11, to="again")

    return replace(loop, write=write)


@dataclass(frozen=True, slots=True)
class Wait:
    """A chip at the beginning of such a loop; `end` is the address behind it."""

    board: Board
    end: int

    def run(self, slice_ns: int = 1_000_000_000) -> None:
        """Until the loop has ended; in slices, as if something happened every so often."""
        core = self.board.core
        core.set_breakpoints(frozenset({self.end}))
        while core.run(self.board.clock.now_ns + slice_ns) is not CoreStop.BREAKPOINT:
            pass


def waiting(
    loop: Loop, ms: int, make_engine: EngineFactory, costs: Costs = ONE_CYCLE, base: int = FLASH_BASE
) -> Wait:
    """A chip about to wait for `ms`, its code at `base`; timer 0 counts milliseconds, timer 1 microseconds."""
    p = Listing(base)
    for register, value in ((6, CORE_TIMER), (7, UART0), (8, TIMERS), (9, ms * loop.clocks), (14, STACK)):
        p.constant(register, value)
    for register, offset, value in (
        (6, LOAD, loop.reload or ms * CLOCKS_A_MS),
        (6, VALUE, 0),
        (6, CONTROL, 5),
        (8, 0, 39),
        (8, 8, 1_000_000),
        (8, 12, 1_000_000_000),
        (8, 4, (1 | 4) | 4 << 5),
    ):
        p.constant(5, value)
        p("st.w", rz=5, rx=register, offset=offset)
    loop.write(p)
    p.label("end")
    p("br32", to="end")
    board = Board(bytearray(b"\xff" * 0x10_0000), BoardOptions(make_engine, costs))
    board.reset(ResetCause.POWER_ON)
    memory = board.bus.region_at(base)
    assert memory is not None
    memory.buffer[base - memory.base : base - memory.base + len(p.code)] = p.code
    board.core.reset(base)
    return Wait(board, p.address_of("end"))
