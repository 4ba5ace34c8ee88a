"""Tiny programs on a whole machine, started at the beginning of the flash without a boot chain."""

from __future__ import annotations

from cpu.program import ENGINES, code, op

from emu.inspect.symbol_choice import NamedProgram, SymbolChoice
from emu.isa.state import Control
from emu.loader import Symbol, Symbols
from emu.machine.board import Board, BoardOptions
from emu.machine.boot_chain import BootChain, Outcome
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.soc.w800 import W800
from peripherals.framework.reset import ResetCause

FLASH_SIZE = 0x10_0000
VECTORS = FLASH_BASE + 0x1000
HANDLER = FLASH_BASE + 0x2000
STACK = SRAM_BASE + 0x8000
UART0 = W800.rows["uart0"].base
WATCHDOG = W800.rows["watchdog"].base
SPIN = op("br", offset=0)


def set_register(number: int, value: int) -> bytes:
    """Load a constant."""
    return code(op("movih", rz=number, imm=value >> 16), op("ori", rz=number, rx=number, imm=value & 0xFFFF))


def store_word(address: int, value: int) -> bytes:
    """Store a constant; r1 and r2 are lost."""
    return code(set_register(1, value), set_register(2, address), op("st.w", rz=1, rx=2, offset=0))


def loop(*lines: bytes, times: int, counter: int = 5) -> bytes:
    """Repeat lines, with a register counting down, so that no round can be left out for long."""
    body = code(*lines)
    return code(set_register(counter, times), body, op("bnezad", rx=counter, offset=-len(body)))


PREPARE_UART0 = store_word(UART0, 0xC3) + store_word(UART0 + 0x10, 11 << 16 | 20)


def send(text: str) -> bytes:
    """Put characters into the transmit FIFO of UART 0."""
    return b"".join(store_word(UART0 + 0x20, ord(letter)) for letter in text)


class StraightBoot(BootChain):
    """Starts the program at the beginning of the flash at once."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._core = board.core

    def go_on(self, cause: ResetCause, until_ns: int | None) -> Outcome:
        if self.refusal is not None or self._gave_up:
            return super().go_on(cause, until_ns)
        self._core.reset(FLASH_BASE)
        state = self._core.state
        state.r[14], state.control[Control.VBR], state.full_psr = STACK, VECTORS, 0x8000_0100
        return Outcome.STARTED


def machine_of(
    program: bytes,
    *,
    engine: str = "interpreter",
    handler: bytes = SPIN,
    grace_ns: int | None = 50_000,
    max_resets: int | None = None,
) -> Machine:
    """A machine that runs `program`; every exception goes to `handler`. PSR.EE is set."""
    contents = bytearray(b"\xff" * FLASH_SIZE)
    contents[: len(program)] = program
    contents[0x1000:0x1100] = HANDLER.to_bytes(4, "little") * 64
    contents[0x2000 : 0x2000 + len(handler)] = handler
    board = Board(contents, BoardOptions(ENGINES[engine]))
    names = Symbols([Symbol("main", FLASH_BASE, 0x1000), Symbol("handler", HANDLER, 0x100)])
    programs = SymbolChoice([NamedProgram(FLASH_BASE, program, names)])
    return Machine(board, StraightBoot(board), programs, grace_ns, max_resets)
