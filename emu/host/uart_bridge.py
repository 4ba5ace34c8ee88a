"""Carries the bytes between a UART and its back ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

from emu.host.uart_backend import UartBackend
from emu.host.wire import Frame, LineSettings, received
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
        fail: Callable[[str, int], object],
    ) -> None:
        """`settings` tells those of the chip's end, `say` tells the user what is odd about the line.

        `fail` lets a byte arrive with a fault, behind what was written to the port (see `Faults.uart`).
        """
        self._port = port
        self._backend = backend
        self._settings = settings
        self._say = say
        self._fail = fail
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
        while self._port.queued < QUEUED_BYTES:
            if data := self._backend.receive():
                self._pass_on(data)
            elif self._backend.take_break():
                self._fail("break", 0)
            else:
                return

    def flush(self) -> None:
        """Show what was sent."""
        self._backend.flush()

    def _sent(self, _time_ns: int, byte: int) -> None:
        data, line = bytes((byte,)), self._backend.line
        if line is not None and not self._agree(sender := self._settings(), line):
            data = bytes(frame.byte for frame in received(data, sender, line))
        self._backend.send(data)
        if byte == ord("\n") or time.monotonic() > self._flushed_at_s + FLUSH_AFTER_S:
            self._backend.flush()
            self._flushed_at_s = time.monotonic()

    def _pass_on(self, data: bytes) -> None:
        line = self._backend.line
        if line is None or self._agree(line, receiver := self._settings()):
            self._port.write(data)
            return
        for is_good, frames in groupby(received(data, line, receiver), key=_is_good):
            if is_good:
                self._port.write(bytes(frame.byte for frame in frames))
                continue
            for frame in frames:
                self._fail(frame.fault, frame.byte)

    def _agree(self, sender: LineSettings, receiver: LineSettings) -> bool:
        if sender.agrees_with(receiver):
            return True
        if (sender, receiver) not in self._odd:
            self._odd.add((sender, receiver))
            self._say(f"{sender} is sent, and {receiver} expected: what arrives is garbage")
        return False


def _is_good(frame: Frame) -> bool:
    return not frame.fault
