"""The chip as the modelled boot code uses it: through the models of its UART and flash, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emu.machine.board import Board
from emu.machine.boot_run import BootRun
from peripherals.nor_flash import FlashCommand, NorFlash
from peripherals.uart import Uart
from roms.boot_chip import BootChip, BootWatcher
from roms.boot_nor import NorFlashPort

REBOOT_REASON_ADDRESS: Final = 0x2004_7EFC  # wm_soc_cfgs.h
_RECEIVE_AND_TRANSMIT_8N1: Final = 0xC3
_NEVER_NS: Final = 1 << 63


class BootConsole:
    """A `roms.boot_chip.Console`: UART 0, as boot code sets it up."""

    def __init__(self, uart: Uart, run: BootRun[Any], now_ns: Callable[[], int], apb_hz: int) -> None:
        self._uart = uart
        self._run = run
        self._now_ns = now_ns
        self._apb_hz = apb_hz

    def set_baud_rate(self, baud_rate: int) -> None:
        """Send and receive at this rate, 8N1, from now on."""
        uart, sixteenths = self._uart, round(self._apb_hz / baud_rate)
        self._write(uart.baud_rate.offset, sixteenths % 16 << 16 | sixteenths // 16 - 1)
        self._write(uart.line_control.offset, _RECEIVE_AND_TRANSMIT_8N1)

    def transmit(self, data: bytes) -> None:
        """Send bytes; the time they take on the wire passes."""
        for byte in data:
            self._write(self._uart.tx_data.offset, byte)
            while self._run.ask(lambda: self._uart.read(self._uart.fifo_status.offset)) & 0x3F:
                self._run.ask(lambda: self._run.wait_for_event(_NEVER_NS))

    def receive(self, timeout_ns: int) -> int | None:
        """The next byte received; None when that much time passed without one."""
        return next(iter(self.receive_some(1, timeout_ns)), None)

    def receive_some(self, most: int, timeout_ns: int) -> bytes:
        """What is there, as soon as something is; at most so many bytes."""
        end_ns = self._now_ns() + timeout_ns
        while True:
            data, last_ns = self._run.ask(lambda: self._uart.take(most))
            if data:
                self._wait_until(last_ns)
                return data
            if self._now_ns() >= end_ns:
                return b""
            self._run.ask(lambda: self._run.wait_for_event(end_ns))

    def _wait_until(self, time_ns: int) -> None:
        self._run.ask(lambda: self._run.wait_until(time_ns))

    def _write(self, offset: int, value: int) -> None:
        self._run.ask(lambda: self._uart.write(offset, value))


class BootMemory:
    """A `roms.boot_chip.Memory`."""

    def __init__(self, board: Board, run: BootRun[Any]) -> None:
        self._memory = board.outside
        self._run = run

    def read(self, address: int, size_bytes: int) -> bytes:
        """What it holds."""
        return self._run.ask(lambda: bytes(self._memory.read(address, size_bytes)))

    def write(self, address: int, data: bytes) -> None:
        """Store bytes."""
        self._run.ask(lambda: self._memory.write(address, data))


class BootFlash:
    """A `roms.boot_nor.FlashDevice`: the one of the board."""

    def __init__(self, flash: NorFlash, run: BootRun[Any]) -> None:
        self.size_bytes = flash.size_bytes
        self._flash = flash
        self._run = run

    @property
    def ready_at_ns(self) -> int:
        """When it has done what it was told."""
        return self._run.ask(lambda: self._flash.ready_at_ns)

    def execute(self, command: FlashCommand) -> bytes:
        """Carry out one transaction."""
        return self._run.ask(lambda: self._flash.execute(command))


def boot_chip(
    board: Board,
    run: BootRun[Any] | None = None,
    note: Callable[[str], None] = lambda text: None,
    watcher: BootWatcher | None = None,
) -> BootChip:
    """What the modelled boot code gets to see; without a `run` it is never stopped."""
    clock = board.clock
    run = run or BootRun(clock)

    def now_ns() -> int:
        return run.ask(lambda: clock.now_ns)

    def wait(delay_ns: int) -> None:
        end_ns = now_ns() + delay_ns
        run.ask(lambda: run.wait_until(end_ns))

    memory = BootMemory(board, run)
    return BootChip(
        flash=NorFlashPort(BootFlash(board.flash, run), now_ns, wait),
        console=BootConsole(board.soc.uart0, run, now_ns, board.soc.apb_hz),
        wait=wait,
        now_ns=now_ns,
        memory=memory,
        reboot_reason=int.from_bytes(memory.read(REBOOT_REASON_ADDRESS, 4), "little"),
        note=lambda text: run.ask(lambda: note(text)),
        watcher=watcher or BootWatcher(),
    )
