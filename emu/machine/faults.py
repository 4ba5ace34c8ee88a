"""What goes wrong around and in the chip: injected from outside, recorded, and replayed."""

from __future__ import annotations

from random import Random
from typing import Final

from emu.machine.arguments import check_count, check_index, check_seconds
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.inputs import Inputs
from emu.machine.power import Power
from emu.soc.irq import Irq
from peripherals.nor_flash import SECTOR_SIZE

LINE_FAULTS: Final = {
    "break": ("break_seen", "frame_error"),
    "frame": ("frame_error",),
    "parity": ("parity_error",),
    "overrun": ("overrun",),
}
"""What the receiver of a UART notices of each (wm_uart_reg_struct.h). GUESS: a break is a byte 0, too."""
_MOST_DRIFT_PPM: Final = 100_000
_WORN_CELLS: Final = 64
"""GUESS: how many cells of a sector that is worn out do not erase."""


class Faults:
    """Of one machine, all of them from now on. docs/explore.md has the table of what each is.

    Resets and losses of power are the machine's own: `reset`, `power_cycle`; those of networks that of
    `machine.wifi`. What is drawn by lot depends on the seed and on nothing else.
    """

    def __init__(self, board: Board, power: Power, inputs: Inputs) -> None:
        self._board = board
        self._power = power
        self._fail_line = inputs.door("uart_fault", self._line)
        self._disturb_line = inputs.door("uart_noise", self._noise)
        self._order_interrupts = inputs.door("interrupt_fault", board.soc.vic.faults.order)
        self._starve = inputs.door("watchdog_starvation", self._starve_watchdog)
        self._pass_time = inputs.door("stall", self._stall)
        self._drift = inputs.door("clock_drift", board.soc.rcc.drift)
        self._lose_power = inputs.door("brown_out", self._brown_out)
        self._wear = inputs.door("worn_sector", self._wear_out)

    # ---- lines -------------------------------------------------------------------------------------

    def uart(self, number: int, kind: str, byte: int = 0, *, queued: bool = False) -> None:
        """Let a byte arrive with a fault on the line: `break`, `frame`, `parity` or `overrun`; now.

        `queued`: behind what was written to the port before, at the pace of the line.
        """
        self._check_uart(number)
        if kind not in LINE_FAULTS:
            raise MachineError(f"kind: {kind!r} is none of {', '.join(LINE_FAULTS)}")
        self._fail_line(number, kind, check_count("byte", byte) & 0xFF, queued)

    def uart_noise(self, number: int, count: int = 8, seed: int = 0) -> None:
        """Let so many bytes come of noise, behind what was written, with bad frames and parity among them."""
        self._check_uart(number)
        self._disturb_line(number, check_count("count", count, at_least=1), seed)

    # ---- interrupts and time -----------------------------------------------------------------------

    def lose_interrupt(self, line: str, count: int = 1) -> None:
        """Have the next requests of an interrupt line, such as `UART0`, come to nothing: lost edges."""
        self._order_interrupts(_line(line), 0, check_count("count", count, at_least=1))

    def delay_interrupt(self, line: str, delay_s: float, count: int = 1) -> None:
        """Have the next requests of an interrupt line come late, if they last so long; virtual seconds."""
        late_ns = max(check_seconds("delay_s", delay_s), 1)
        self._order_interrupts(_line(line), late_ns, check_count("count", count, at_least=1))

    def starve_watchdog(self) -> None:
        """Have feeding the watchdog do nothing until the next reset, as if its task did not get to run."""
        self._starve()

    def stall(self, duration_s: float) -> None:
        """Let the CPU stand still for so long while all else goes on; virtual seconds."""
        self._pass_time(check_seconds("duration_s", duration_s))

    def drift_clock(self, ppm: int) -> None:
        """Let the chip's crystal be faster by so many millionths, or slower if less than 0.

        CPU, timers and UARTs follow it; the real-time clock, networks and parts do not.
        """
        if ppm not in range(-_MOST_DRIFT_PPM, _MOST_DRIFT_PPM + 1):
            raise MachineError(f"ppm: {ppm!r} is none of -{_MOST_DRIFT_PPM} to {_MOST_DRIFT_PPM}")
        self._drift(ppm)

    # ---- power and flash ---------------------------------------------------------------------------

    def brown_out(self, off_s: float = 0.01, decayed_share: float = 0.5, seed: int = 0) -> None:
        """Take the power away for so long, virtual seconds; so much of the RAM, 0 to 1, holds anything then.

        The rest still holds what it did, as memories do for a while; `power_cycle` leaves zeros.
        """
        if not 0 <= decayed_share <= 1:
            raise MachineError(f"decayed_share: {decayed_share} is not 0 to 1")
        self._lose_power(check_seconds("off_s", off_s), float(decayed_share), seed)

    def flip_flash_bit(self, offset: int, bit: int) -> None:
        """Have a cell of the flash hold the other value from now on."""
        flash = self._board.flash
        check_index("offset", offset, flash.size_bytes)
        flash.load(offset, bytes((flash.contents[offset] ^ 1 << check_index("bit", bit, 8),)))

    def wear_out_sector(self, offset: int, seed: int = 0) -> None:
        """Have some cells of the sector at an offset stay 0, whatever erases them, from the next erase on."""
        check_index("offset", offset, self._board.flash.size_bytes)
        self._wear(offset, seed)

    # ---- what is let in ----------------------------------------------------------------------------

    def _check_uart(self, number: int) -> None:
        check_index("number", number, len(self._board.soc.uarts))

    def _line(self, number: int, kind: str, byte: int, queued: bool = False) -> None:
        uart = self._board.soc.uarts[number]
        faults = sum(getattr(uart.InterruptSource, name).mask for name in LINE_FAULTS[kind])
        if queued:
            uart.feed(bytes((byte,)), faults)
        else:
            uart.receive(byte, faults)

    def _noise(self, number: int, count: int, seed: int) -> None:
        draw = Random(seed)
        for _ in range(count):
            self._line(number, draw.choice(("frame", "frame", "parity", "break")), draw.randrange(256), True)

    def _starve_watchdog(self) -> None:
        self._board.soc.watchdog.is_starved = True

    def _stall(self, duration_ns: int) -> None:
        clock = self._board.clock
        clock.pass_until(clock.now_ns + duration_ns)

    def _brown_out(self, off_ns: int, decayed_share: float, seed: int) -> None:
        memories = [region for region in self._board.bus.regions if region.writable]
        before = [bytearray(region.buffer) for region in memories]
        self._power.cycle()
        self._stall(off_ns)
        draw = Random(seed)
        for region, contents in zip(memories, before, strict=True):
            for at in draw.sample(range(len(contents)), round(len(contents) * decayed_share)):
                contents[at] = draw.randrange(256)
            self._board.outside.write(region.base, bytes(contents))

    def _wear_out(self, offset: int, seed: int) -> None:
        draw, begin = Random(seed), offset & -SECTOR_SIZE
        for _ in range(_WORN_CELLS):
            at = begin + draw.randrange(SECTOR_SIZE)
            worn = self._board.flash.worn
            worn[at] = worn.get(at, 0) | 1 << draw.randrange(8)


def _line(name: str) -> int:
    if name not in Irq.__members__:
        raise MachineError(f"line: {name!r} is none of {', '.join(Irq.__members__)}")
    return int(Irq[name])
