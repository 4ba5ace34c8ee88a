"""A UART with nothing at its other end."""

from __future__ import annotations

from emu.host.uart_backend import UartBackend


class NullBackend(UartBackend):
    """Drops what is sent."""

    form = "none"
