"""Carries the bytes between a UART and its back ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from emu.host.uart_backend import UartBackend
from emu.host.wire import LineSettings, received
from emu.machine import UartPort

QUEUED_BYTES: Final = 64 * 1024
"""With so much input waiting for the firmware no more is taken: whoever sends it has to wait."""
FLUSH_AFTER_S: Final = 0.05
"""How old an incomplete line gets in host time before it is shown."""


class UartBridge:
    """Between one UART and one back end; others may listen to the same UART, and send to it."""

    def __init__(
        self,
        port: UartPort,
        backend: UartBackend,
        settings: Callable[[], LineSettings],
        say: Callable[[str], object],
    ) -> None:
        """`settings` tells those of the chip's end, `say` tells the user what is odd about the line."""
        self._port = port
        self._backend = backend
        self._settings = settings
        self._say = say
        self._odd: set[tuple[LineSettings, LineSettings]] = set()  # what was told
        self._flushed_at_s = time.monotonic()
        port.listeners.append(self._sent)

    @property
    def descriptors(self) -> Sequence[int]:
        """Those of the back end."""
        return self._backend.descriptors

    def attend(self) -> None:
        """Show what was sent, and take what has arrived."""
        self._backend.flush()
        while self._port.queued < QUEUED_BYTES and (data := self._backend.receive()):
            line = self._backend.line
            self._port.write(data if line is None else self._over_the_wire(data, line, self._settings()))

    def flush(self) -> None:
        """Show what was sent."""
        self._backend.flush()

    def _sent(self, _time_ns: int, byte: int) -> None:
        data, line = bytes((byte,)), self._backend.line
        self._backend.send(data if line is None else self._over_the_wire(data, self._settings(), line))
        if byte == ord("\n") or time.monotonic() > self._flushed_at_s + FLUSH_AFTER_S:
            self._backend.flush()
            self._flushed_at_s = time.monotonic()

    def _over_the_wire(self, data: bytes, sender: LineSettings, receiver: LineSettings) -> bytes:
        if sender.agrees_with(receiver):
            return data
        if (sender, receiver) not in self._odd:
            self._odd.add((sender, receiver))
            self._say(f"{sender} is sent, and {receiver} expected: what arrives is garbage")
        return received(data, sender, receiver)
