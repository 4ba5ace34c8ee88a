"""A master of the high-speed SPI slave, for boards.

Protocol: README_EN.md of examples/peripheral/hspi_slave (wm_iot_sdk).
"""

from __future__ import annotations

from collections.abc import Callable

from peripherals.hspi import HALFWORD_BYTES, WORD_BYTES, WRITE, HostRegister


class HspiMaster:
    """Sends frames and commands, and receives frames, over the wires that `exchange` stands for.

    All of it happens at once: the board lets time pass in between, as the master that it stands for.
    """

    def __init__(self, exchange: Callable[[bytes], bytes]) -> None:
        self._exchange = exchange

    def send(self, frame: bytes) -> bool:
        """Send a frame, with zeros up to the next word; False if the slave has no buffer for it."""
        return self._send(HostRegister.LAST_DATA, frame, bool(self._read(HostRegister.BUFFERS) & 1))

    def send_command(self, command: bytes) -> bool:
        """Send a command, with zeros up to the next word; False if the slave has no buffer for it."""
        return self._send(HostRegister.LAST_COMMAND, command, bool(self._read(HostRegister.BUFFERS) & 2))

    def receive(self) -> bytes:
        """Fetch the frame that the slave has announced; empty without one."""
        if not self._read(HostRegister.INTERRUPT) & 1:
            return b""
        size_bytes = self._read(HostRegister.FRAME_BYTES)
        whole_words = -(-size_bytes // WORD_BYTES) * WORD_BYTES
        return self._exchange(bytes([HostRegister.LAST_DATA]) + bytes(whole_words))[1 : 1 + size_bytes]

    def _read(self, register: HostRegister) -> int:
        return int.from_bytes(self._exchange(bytes([register]) + bytes(HALFWORD_BYTES))[1:], "little")

    def _send(self, register: HostRegister, data: bytes, has_room: bool) -> bool:
        if has_room:
            self._exchange(bytes([register | WRITE]) + data + bytes(-len(data) % WORD_BYTES))
        return has_room
