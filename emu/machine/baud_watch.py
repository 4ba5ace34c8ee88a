"""Notices serial lines at a rate that nobody at the other end would have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from peripherals.uart import Uart

USUAL: Final = (
    *(300, 600, 1_200, 1_800, 2_400, 4_800, 9_600, 14_400, 19_200, 28_800, 31_250, 38_400, 56_000, 57_600),
    *(74_880, 76_800, 100_000, 115_200, 128_000, 153_600, 230_400, 250_000, 256_000, 307_200, 460_800),
    *(500_000, 576_000, 614_400, 750_000, 921_600, 1_000_000, 1_152_000, 1_250_000, 1_500_000, 1_843_200),
    2_000_000,
)
"""What terminals, adapters, modules and buses (MIDI, S.Bus, DMX) offer; the SDK's driver ends there, too."""
TOLERANCE: Final = 0.025
"""A frame of ten bits is read right up to half a bit off in 9.5, shared by both ends."""


def watch_baud_rates(uarts: tuple[Uart, ...], note: Callable[[str], None]) -> None:
    """Note for each UART the first rate it is used at that is not near a usual one."""
    for uart in uarts:
        uart.on_new_rate = partial(_check, uart, note)


def _check(uart: Uart, note: Callable[[str], None], rate: float) -> None:
    nearest = min(USUAL, key=lambda usual: abs(rate / usual - 1))
    off = rate / nearest - 1
    if abs(off) > TOLERANCE:
        uart.on_new_rate = lambda rate: None
        distance = f"{abs(off):.1%} {'above' if off > 0 else 'below'} the nearest usual rate, {nearest:,}"
        note(f"{uart.name} is used at {rate:,.0f} baud, {distance}: what is connected would see garbage")
