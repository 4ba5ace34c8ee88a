"""What a register is foreseen to read as is what it reads as: of all blocks of the chip, as time goes on."""

from __future__ import annotations

import pytest

from emu.engine.interpreter_engine import InterpreterEngine
from emu.machine.board import Board, BoardOptions
from emu.soc.w800 import W800
from peripherals.framework.outlook import Outlook
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.reset import ResetCause

CORE_TIMER, TIMERS, WATCHDOG, RTC, UART0, FLASH, WLAN = (
    W800.rows[name].base
    for name in ("core_timer", "timers", "watchdog", "rtc", "uart0", "flash_controller", "wlan_mac")
)
GUARD_TIME = 0x40
WAITS_NS = (1, 99, 12_345, 700_001, 40_000_000, 1_300_000_000)
"""From one look at a register to the next, and shortly before the outlook ends."""

Writes = list[tuple[int, int]]
COUNTING: Writes = [
    (CORE_TIMER + 4, 0xFF_FFFF),
    (CORE_TIMER + 8, 0),
    (CORE_TIMER, 5),
    (TIMERS, 39),
    (TIMERS + 8, 123_456),
    (TIMERS + 12, 777),
    (TIMERS + 16, 900),
    (TIMERS + 4, 4 | (4 | 1) << 5 | (4 | 2) << 10),
    (WATCHDOG, 0x1000_0000),
    (WATCHDOG + 8, 1),
    (RTC + 4, 1 << 16),
    (WLAN + 0x1C, 0xFFFF_0000),
]
BUSY: Writes = [
    (UART0, 0xC3),
    (UART0 + 0x10, 0x0005_0014),
    *[(UART0 + 0x20, 0x55)] * 20,
    (FLASH, 0x20 | 1 << 31 | 1 << 11),
    (FLASH + 4, 1 << 8),
]


def board_after(writes: Writes, *, stalls: bool = True) -> Board:
    board = Board(bytearray(b"\xff" * 0x10_0000), BoardOptions(InterpreterEngine))
    board.reset(ResetCause.POWER_ON)
    if not stalls:
        board.soc.flash_controller.stall = board.soc.uart0.stall = None
    for address, value in writes:
        board.bus.write(address, value, 4)
    return board


def foreseen(board: Board, address: int, size_bytes: int = 4) -> tuple[int, Outlook | None]:
    """What a register reads as, and what it was foreseen to before."""
    outlook = board.bus.outlook(address, size_bytes)
    return board.bus.read(address, size_bytes), outlook


def wait(board: Board, outlook: Outlook, delay_ns: int) -> bool:
    """Let time pass if no alarm fires meanwhile and the outlook holds; else up to just before either."""
    now_ns = board.clock.now_ns
    ends = [end - 1 for end in (outlook.until_ns, board.clock.next_alarm_ns) if end is not None]
    until_ns = min([now_ns + delay_ns, *ends])
    if until_ns > now_ns:
        board.clock.idle_until(until_ns)
    return until_ns > now_ns


@pytest.mark.parametrize("stalls", [True, False])
@pytest.mark.parametrize("writes", [[], COUNTING, BUSY, COUNTING + BUSY], ids=["reset", "counting", "busy", "both"])  # fmt: skip
def test_registers_read_as_foreseen_and_reads_change_nothing(writes: Writes, stalls: bool) -> None:
    board = board_after(writes, stalls=stalls)
    looked = 0
    for window in board.soc.windows:
        for register in window.device.registers():
            address = window.base + register.offset - window.offset
            if not window.base <= address < window.end:
                continue
            first, outlook = foreseen(board, address)
            if outlook is None:
                continue
            before = window.device.save()
            for delay_ns in WAITS_NS:
                if wait(board, outlook, delay_ns):
                    looked += 1
                    now_ns = board.clock.now_ns
                    expected = first if outlook.count is None else outlook.count.at(now_ns)
                    assert board.bus.read(address, 4) == expected, f"{window.name}.{register.name}"
            assert window.device.save() == before, f"{window.name}.{register.name}"
            if (due_ns := board.clock.next_alarm_ns) is not None:
                board.clock.idle_until(due_ns)
    assert looked > 500


@pytest.mark.parametrize("name", ["fifo_status", "rx_data"])
def test_a_uart_says_nothing_of_what_reading_changes(name: str) -> None:
    board = board_after(BUSY)
    address = UART0 + getattr(board.soc.uart0, name).offset
    assert board.bus.outlook(address, 4) is None


def test_an_idle_uart_stays_as_it_is() -> None:
    board = board_after([])
    assert foreseen(board, UART0 + 0x1C) == (0, Outlook())


def test_a_flag_that_reading_clears_is_not_foreseen_while_it_is_set() -> None:
    board = board_after([(CORE_TIMER + 4, 1000), (CORE_TIMER + 8, 0), (CORE_TIMER, 5)])
    assert foreseen(board, CORE_TIMER)[1] == Outlook()
    board.clock.idle_until(board.clock.now_ns + 20_000)
    assert foreseen(board, CORE_TIMER)[1] is None
    assert foreseen(board, CORE_TIMER)[1] == Outlook()


def test_a_part_of_a_count_is_not_foreseen() -> None:
    board = board_after(COUNTING)
    board.clock.idle_until(1_000)
    assert board.bus.outlook(CORE_TIMER + 8, 4) is not None
    assert board.bus.outlook(CORE_TIMER + 8, 1) is None
    assert board.bus.outlook(UART0 + 0x1C, 1) == Outlook()


@pytest.mark.parametrize(("seconds", "ends_ns"), [(0.25, 1_000_000_000), (7.5, 8_000_000_000)])
def test_the_clock_is_foreseen_up_to_the_next_second(seconds: float, ends_ns: int) -> None:
    board = board_after([(RTC + 4, 1 << 16)])
    board.clock.idle_until(round(seconds * 1e9))
    assert board.bus.outlook(RTC, 4) == Outlook(ends_ns)


def test_what_has_no_model_is_not_foreseen() -> None:
    board = board_after([])
    assert board.bus.outlook(W800.rows["debug_channel"].base, 4) is None
    assert board.bus.outlook(UART0 + 0x100, 4) is None
    assert board.bus.outlook(UART0 + GUARD_TIME, 4) is None


def blocks() -> list[type[Peripheral]]:
    found: list[type[Peripheral]] = [Peripheral]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("peripherals.")]


@pytest.mark.parametrize("kind", blocks(), ids=lambda kind: kind.__name__)
def test_who_answers_reads_foresees_them_too(kind: type[Peripheral]) -> None:
    """Else the outlook would be that of registers which nobody asks."""
    assert ("read" in vars(kind)) == ("outlook" in vars(kind))
