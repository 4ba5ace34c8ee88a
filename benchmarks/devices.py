"""What device accesses cost: python benchmarks/devices.py.

Loops of one access each, in translated code of a whole chip: CPU time of an access, the best of some runs,
and how many additions the same loop does in that time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from emu.dbt.engine import TranslatorEngine
from emu.isa.assembler import assemble
from emu.machine.board import Board, BoardOptions
from emu.memory_map import FLASH_BASE
from peripherals.framework.reset import ResetCause

RUNS = 5
UNROLLED = 8
SHARED_BUFFER, DMA, GPIO_A, UART0, CORE_TIMER = (
    0x4000_0000,
    0x4000_0800,
    0x4001_1200,
    0x4001_0600,
    0xE000_E010,
)
GPIO_DIRECTION, UART_LINE_CONTROL, UART_FIFO_STATUS = 0x08, 0x00, 0x1C
ADD = assemble("addi", rz=3, oimm=1)
POLL_AND_SEND = b"".join(
    (
        assemble("ld.w", rz=3, rx=6, offset=UART_FIFO_STATUS),
        assemble("andi", rz=3, rx=3, imm=0x3F),
        assemble("bnez", rx=3, offset=-6),
        assemble("st.w", rz=7, rx=6, offset=0x20),
    )
)


def load(offset: int = 0, name: str = "ld.w") -> bytes:
    """Load from the device at r6."""
    return assemble(name, rz=3, rx=6, offset=offset)


def store(offset: int = 0, name: str = "st.w") -> bytes:
    """Store r5, which counts, to the device at r6."""
    return assemble(name, rz=5, rx=6, offset=offset)


@dataclass(frozen=True)
class Case:
    """One kind of access."""

    name: str
    device: int
    access: bytes
    count: int
    prepare: tuple[tuple[int, int], ...] = ()
    """Words stored before: offset and value."""


CASES = (
    Case("an addition, for comparison", 0, ADD, 8_000_000),
    Case("read of the shared buffer", SHARED_BUFFER, load(0x10), 80_000),
    Case("write of the shared buffer", SHARED_BUFFER, store(0x10), 80_000),
    Case("byte read of the shared buffer", SHARED_BUFFER, load(0x11, "ld.b"), 80_000),
    Case("read of a register", UART0, load(UART_LINE_CONTROL), 80_000),
    Case("write of a register", DMA, store(0x10), 80_000),
    Case("read of the core timer", CORE_TIMER, load(), 16_000),
    Case("read of UART0's FIFO status", UART0, load(UART_FIFO_STATUS), 80_000),
    Case("read of GPIO data", GPIO_A, load(), 80_000),
    Case(
        "write of GPIO data, all pins", GPIO_A, store(), 8_000, ((4, 0xFFFF_FFFF), (GPIO_DIRECTION, 0xFFFF))
    ),
    Case("UART byte, polled", UART0, POLL_AND_SEND, 800, ((0, 0xC3), (0x10, 0x14))),
)


def set_register(register: int, value: int) -> Iterator[bytes]:
    """Put a constant into a register."""
    yield assemble("movih", rz=register, imm=value >> 16)
    yield assemble("ori", rz=register, rx=register, imm=value & 0xFFFF)


def program(case: Case) -> bytes:
    """A loop of accesses, and an endless one behind it."""
    words = [*set_register(6, case.device), *set_register(5, case.count // UNROLLED)]
    for offset, value in case.prepare:
        words += [*set_register(7, value), assemble("st.w", rz=7, rx=6, offset=offset)]
    body = case.access * UNROLLED
    words += [body, assemble("bnezad", rx=5, offset=-len(body)), assemble("br", offset=0)]
    return b"".join(words)


def us_an_access(case: Case) -> float:
    """CPU time of one run, translation and start included: there are many accesses."""
    contents = bytearray(b"\xff" * 0x20_0000)
    code = program(case)
    contents[: len(code)] = code
    board = Board(contents, BoardOptions(TranslatorEngine))
    board.reset(ResetCause.POWER_ON)
    board.core.reset(pc=FLASH_BASE)
    assert isinstance(board.core.engine, TranslatorEngine)
    board.core.engine.skips_polls = False  # else most of the accesses would not be made
    end = FLASH_BASE + len(code) - len(assemble("br", offset=0))
    board.core.run(until_elapsed=1)  # translates
    start = time.process_time()
    while board.core.state.pc != end:
        board.core.run(until_elapsed=board.core.engine.elapsed + 100_000)
    return (time.process_time() - start) / case.count * 1e6


def main() -> None:
    """Measure and print."""
    addition = 0.0
    for case in CASES:
        best = min(us_an_access(case) for _ in range(RUNS))
        addition = addition or best
        print(f"{case.name:<32} {best:8.3f} us {best / addition:10,.0f}", flush=True)


if __name__ == "__main__":
    main()
