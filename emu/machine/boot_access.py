"""The chip as the modelled boot code uses it: through the models of its UART and flash, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from emu.clock import VirtualClock
from emu.machine.board import Board
from peripherals.uart import Uart
from roms.boot_chip import BootChip, Verdict
from roms.boot_nor import NorFlashPort

BAUD_RATE: Final = 115_200
REBOOT_REASON_ADDRESS: Final = 0x2004_7EFC  # wm_soc_cfgs.h
_RECEIVE_AND_TRANSMIT_8N1: Final = 0xC3


class BootConsole:
    """A `roms.boot_chip.Console`: UART 0, as boot code sets it up."""

    def __init__(self, uart: Uart, clock: VirtualClock, apb_hz: int) -> None:
        self._uart = uart
        self._clock = clock
        sixteenths = round(apb_hz / BAUD_RATE)
        uart.write(uart.baud_rate.offset, sixteenths % 16 << 16 | sixteenths // 16 - 1)
        uart.write(uart.line_control.offset, _RECEIVE_AND_TRANSMIT_8N1)

    def transmit(self, data: bytes) -> None:
        """Send bytes; the time they take on the wire passes."""
        for byte in data:
            self._uart.write(self._uart.tx_data.offset, byte)
            while self._uart.read(self._uart.fifo_status.offset) & 0x3F:
                self._skip(None)

    def receive(self, timeout_ns: int) -> int | None:
        """The next byte received; None when that much time passed without one."""
        end_ns = self._clock.now_ns + timeout_ns
        while not self._uart.read(self._uart.fifo_status.offset) >> 6:
            if self._clock.now_ns >= end_ns:
                return None
            self._skip(end_ns)
        return self._uart.read(self._uart.rx_data.offset)

    def _skip(self, end_ns: int | None) -> None:
        """Let time pass to the next event, at most until then."""
        times = [time_ns for time_ns in (self._clock.next_alarm_ns, end_ns) if time_ns is not None]
        self._clock.idle_until(min(times))


def boot_chip(board: Board, note: Callable[[str], None] = lambda text: None) -> BootChip:
    """What the modelled boot code gets to see after a reset."""
    clock = board.clock

    def now_ns() -> int:
        return clock.now_ns

    def wait(delay_ns: int) -> None:
        clock.idle_until(clock.now_ns + delay_ns)

    return BootChip(
        flash=NorFlashPort(board.flash, now_ns, wait),
        console=BootConsole(board.soc.uart0, clock, board.soc.apb_hz),
        wait=wait,
        now_ns=now_ns,
        reboot_reason=int.from_bytes(board.outside.read(REBOOT_REASON_ADDRESS, 4), "little"),
        note=note,
    )


def give_up(board: Board) -> str:
    """Do what the mask ROM does when a real bootloader calls it with a letter in r0; what that means."""
    letter = chr(board.core.state.r[0] & 0xFF)
    boot_chip(board).console.transmit(letter.encode())
    why = f": {Verdict(letter).meaning}" if letter in set(Verdict) - {Verdict.GOOD} else ""
    return f"the bootloader went back to it with the letter {letter!r}{why}"
