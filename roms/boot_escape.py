"""The way out that all second bootloaders have: ESC three times in a row on UART0."""

from __future__ import annotations

from typing import Final

from roms.boot_chip import BootChip

ESC: Final = 0x1B
ESC_PRESSES: Final = 3
ESCAPED: Final = "ESC was pressed three times"


def is_escape_pressed(chip: BootChip, window_ns: int) -> bool:
    """Wait that long for the presses; every ESC opens the time window anew, any other byte ends the row."""
    presses = 0
    deadline_ns = chip.now_ns() + window_ns
    while (left_ns := deadline_ns - chip.now_ns()) > 0:
        if (byte := chip.console.receive(left_ns)) is None:
            return False
        if byte != ESC:
            presses = 0
            continue
        presses += 1
        if presses == ESC_PRESSES:
            return True
        deadline_ns = chip.now_ns() + window_ns
    return False
