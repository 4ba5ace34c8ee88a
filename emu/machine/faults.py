"""What goes wrong on a line or in a memory: injected from outside, recorded, and replayed."""

from __future__ import annotations

from typing import Final

from emu.machine.arguments import check_count, check_index
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.inputs import Inputs

LINE_FAULTS: Final = {
    "break": ("break_seen", "frame_error"),
    "frame": ("frame_error",),
    "parity": ("parity_error",),
    "overrun": ("overrun",),
}
"""What the receiver of a UART notices of each (wm_uart_reg_struct.h). GUESS: a break is a byte 0, too."""


class Faults:
    """Of one machine. Resets and power cuts are the machine's own: `reset`, `power_cycle`."""

    def __init__(self, board: Board, inputs: Inputs) -> None:
        self._board = board
        self._fail_line = inputs.door("uart_fault", self._line)

    def uart(self, number: int, kind: str, byte: int = 0, *, queued: bool = False) -> None:
        """Let a byte arrive with a fault on the line: `break`, `frame`, `parity` or `overrun`; now.

        `queued`: behind what was written to the port before, at the pace of the line.
        """
        check_index("number", number, len(self._board.soc.uarts))
        if kind not in LINE_FAULTS:
            raise MachineError(f"kind: {kind!r} is none of {', '.join(LINE_FAULTS)}")
        self._fail_line(number, kind, check_count("byte", byte) & 0xFF, queued)

    def flip_flash_bit(self, offset: int, bit: int) -> None:
        """Have a cell of the flash hold the other value from now on."""
        flash = self._board.flash
        check_index("offset", offset, flash.size_bytes)
        flash.load(offset, bytes((flash.contents[offset] ^ 1 << check_index("bit", bit, 8),)))

    def _line(self, number: int, kind: str, byte: int, queued: bool = False) -> None:
        uart = self._board.soc.uarts[number]
        faults = sum(getattr(uart.InterruptSource, name).mask for name in LINE_FAULTS[kind])
        if queued:
            uart.feed(bytes((byte,)), faults)
        else:
            uart.receive(byte, faults)
