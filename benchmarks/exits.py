"""What leaving translated code costs, and what a machine holds: python benchmarks/exits.py.

Loops on a whole chip: with a critical section, which needs no exit, with one instruction that is
interpreted, and beside a timer whose handler returns at once; then exits alone. CPU time of one, the loop
itself taken off; the best of some runs. Last the memory that further machines take in one process.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from emu.cpu.core import Core, ExceptionEvent
from emu.dbt.engine import TranslatorEngine
from emu.isa.assembler import assemble
from emu.isa.state import Psr
from emu.machine import Machine
from emu.machine.board import Board, BoardOptions
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.soc.irq import Irq
from emu.soc.w800 import W800
from peripherals.framework.reset import ResetCause

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.polls import CONTROL, LOAD, STACK, VALUE, Listing

RUNS = 5
ROUNDS, TICKED_ROUNDS, TICK_CLOCKS = 20_000, 2_000_000, 400
CORE_TIMER, VIC = W800.rows["core_timer"].base, W800.rows["vic"].base
FIRST_VECTOR = 32
MEBIBYTE = 1 << 20
MACHINES, BOOTED_NS = 4, 1_000_000_000

Program = Callable[[Listing], None]


def nothing(_: Listing) -> None:
    """Add nothing to the loop."""


def critical_section(p: Listing) -> None:
    """Keep PSR, forbid interrupts, and restore it, as FreeRTOS does."""
    p("mfcr32", rz=3, index=0, bank=0)
    p("psrclr32", bits=Psr.IE)
    p("mtcr32", rx=3, index=0, bank=0)


def read_cpuid(p: Listing) -> None:
    """Read a control register that only the interpreter knows."""
    p("mfcr32", rz=3, index=13, bank=0)


def tick(p: Listing) -> None:
    """Let the core timer interrupt; the handler is behind the branch."""
    p("br32", to="start")
    p.label("handler")
    p("nie16")
    p("ipush16")
    p("ld.w", rz=0, rx=6, offset=CONTROL)
    p("ipop16")
    p("nir16")
    p.label("start")
    p.constant(3, p.address_of("handler"))
    p.constant(4, SRAM_BASE)
    p("mtcr32", rx=4, index=1, bank=0)
    p.constant(4, SRAM_BASE + 4 * (FIRST_VECTOR + Irq.CORE_TIMER))
    p("st.w", rz=3, rx=4, offset=0)
    p.constant(4, 1 << Irq.CORE_TIMER)
    p("st.w", rz=4, rx=7, offset=0)
    for offset, value in ((LOAD, TICK_CLOCKS - 1), (VALUE, 0), (CONTROL, 7)):
        p.constant(4, value)
        p("st.w", rz=4, rx=6, offset=offset)
    p("psrset32", bits=Psr.DELIVERY)


def run_loop(body: Program, prepare: Program = nothing, rounds: int = ROUNDS) -> tuple[float, int]:
    """CPU time of all rounds of a loop in microseconds, and the interrupts beside it."""
    p = Listing()
    for register, value in ((6, CORE_TIMER), (7, VIC), (14, STACK), (5, rounds)):
        p.constant(register, value)
    prepare(p)
    p.label("loop")
    body(p)
    p("subi", rz=5, rx=5, oimm=1)
    p("bnez", rx=5, to="loop")
    p.label("end")
    p("br32", to="end")
    core = core_with(p.code)
    interrupts = 0

    def count(_: ExceptionEvent) -> None:
        nonlocal interrupts
        interrupts += 1

    core.entry_observers.append(count)
    start = time.process_time()
    while core.state.pc != p.address_of("end"):
        core.run(until_elapsed=core.engine.elapsed + rounds)
    return (time.process_time() - start) * 1e6, interrupts


def core_with(code: bytes) -> Core:
    """The CPU of a chip, at the beginning of a program."""
    board = Board(bytearray(code.ljust(MEBIBYTE, b"\xff")), BoardOptions(TranslatorEngine))
    board.reset(ResetCause.POWER_ON)
    board.core.reset(pc=FLASH_BASE)
    return board.core


def us_a_round(body: Program, prepare: Program = nothing) -> float:
    """CPU time that it adds to a round."""
    return (run_loop(body, prepare)[0] - run_loop(nothing)[0]) / ROUNDS


def us_an_interrupt() -> float:
    """CPU time that each tick adds to a loop."""
    beside, interrupts = run_loop(nothing, tick, TICKED_ROUNDS)
    return (beside - run_loop(nothing, rounds=TICKED_ROUNDS)[0]) / interrupts


def us_an_exit() -> float:
    """CPU time of entering translated code, and leaving it at its first check point."""
    engine = core_with(assemble("br", offset=0)).engine
    engine.run(1)  # translates
    start = time.process_time()
    for _ in range(ROUNDS):
        engine.run(1)
    return (time.process_time() - start) / ROUNDS * 1e6


def resident_and_mapped_mib() -> tuple[float, float]:
    """What this process holds and has addresses for; Linux tells it."""
    mapped, resident = Path("/proc/self/statm").read_text().split()[:2]
    return int(resident) * resource.getpagesize() / MEBIBYTE, int(mapped) * resource.getpagesize() / MEBIBYTE


def mib_of_a_machine() -> tuple[float, float]:
    """What a further machine adds that has run the demo, its memories included: resident, and addresses."""
    machines = [Machine.load()]
    machines[0].run(BOOTED_NS)
    before = resident_and_mapped_mib()
    for _ in range(MACHINES):
        machines.append(Machine.load())
        machines[-1].run(BOOTED_NS)
    resident, mapped = resident_and_mapped_mib()
    return (resident - before[0]) / MACHINES, (mapped - before[1]) / MACHINES


def main() -> None:
    """Measure and print."""
    cases: dict[str, tuple[Callable[[], float], float]] = {
        "exit to Python and back": (us_an_exit, 1.2),
        "exit for an instruction": (lambda: us_a_round(read_cpuid), 5),
        "interrupt": (us_an_interrupt, 25),
        "critical section": (lambda: us_a_round(critical_section), 0.1),
    }
    for name, (measure, wanted_us) in cases.items():
        best = min(measure() for _ in range(RUNS))
        print(f"{name:<24} {best:7.2f} us   ({wanted_us} wanted)", flush=True)
    resident, mapped = mib_of_a_machine()
    print(f"{'memory of a machine':<24} {resident:7.1f} MiB, {mapped:.0f} MiB of addresses", flush=True)


if __name__ == "__main__":
    main()
