"""A host at the mask ROM's UART: PyPI's xmodem, and the command frames; it lets the machine run while it waits."""

from __future__ import annotations

import io
import struct
from binascii import crc_hqx

from xmodem import XMODEM1k

from emu.machine import Machine

BAUD_RATE, ERASE, SET_BLUETOOTH_MAC, BLUETOOTH_MAC, SET_GAIN, GAIN = range(0x31, 0x37)
SET_MAC, MAC = 0x37, 0x38
LAST_ERROR, FLASH_ID, ROM_VERSION, RESTART = 0x3B, 0x3C, 0x3E, 0x3F


def frame(number: int, data: bytes = b"") -> bytes:
    content = struct.pack("<I", number) + data
    return b"!" + struct.pack("<HH", len(content) + 2, crc_hqx(content, 0xFFFF)) + content


class Flasher:
    """Sends to UART 0 of a machine, and takes what it answers."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.taken = 0
        self.sent_blocks: list[bytes] = []
        machine.uart0.listen(lambda _time_ns, _byte: self._came())
        self._wanted: int | None = None

    def _came(self) -> None:
        if self._wanted is not None and len(self.machine.uart0.data) >= self._wanted:
            self.machine.stop()

    def write(self, data: bytes, timeout: float = 1) -> int:
        self.machine.uart0.write(data)
        return len(data)

    def read(self, size: int, timeout: float = 1) -> bytes | None:
        if len(self.machine.uart0.data) < self.taken + size:
            self._wanted = self.taken + size
            self.machine.run_for(timeout)
            self._wanted = None
        data = self.machine.uart0.data[self.taken : self.taken + size]
        self.taken += len(data)
        return data or None

    def forget(self) -> None:
        """What came until now is of no interest."""
        self.taken = len(self.machine.uart0.data)

    def prompt(self) -> str:
        """The next letter that comes."""
        return (self.read(1, 5) or b"").decode()

    def command(self, number: int, data: bytes = b"", answer: int = 0) -> bytes:
        """Send a command; the answer if it has one of that length."""
        self.forget()
        self.write(frame(number, data))
        return (self.read(answer) or b"") if answer else b""

    def recover(self) -> None:
        """Have a command carried out, so that the letter of an error goes."""
        assert self.command(FLASH_ID, answer=10).startswith(b"FID:")

    def send(self, data: bytes) -> bool:
        """Transfer a file; whether the ROM was content."""
        self.forget()
        return bool(XMODEM1k(self.read, self.write).send(io.BytesIO(data), retry=3))
