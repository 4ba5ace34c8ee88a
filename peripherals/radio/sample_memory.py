"""Memory between the radio's converters and its calibration. Addresses: debug information of librf."""

from __future__ import annotations

from peripherals.framework.environment import Environment
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.reset import ResetCause

SIZE = 0x9000
"""0x8000 bytes to be played by the transmitter, then 0x1000 that the receiver has captured."""


class SampleMemory(Peripheral):
    """Plain memory: nothing is played, and nothing is captured but silence."""

    saved_state = ("_contents",)

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
        self._contents = bytearray(SIZE)

    def read(self, offset: int, size_bytes: int = 4) -> int:
        """Answer a bus read."""
        return int.from_bytes(self._contents[offset : offset + size_bytes], "little")

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        """Take a bus write."""
        value &= (1 << 8 * size_bytes) - 1
        self._contents[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")

    def peek(self, offset: int) -> int:
        """Read a word."""
        return self.read(offset)

    def _on_reset(self, cause: ResetCause) -> None:
        if cause is ResetCause.POWER_ON:
            self._contents[:] = bytes(SIZE)
