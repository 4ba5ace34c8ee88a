"""`MemoryBlock`: memory among the registers."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from peripherals.framework.environment import Environment
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.reset import ResetCause

_ENGINE_PAGE_BYTES: Final = 0x4000
"""An engine may map whole pages only, so that many are there."""


class MemoryBlock(Peripheral):
    """Plain memory of a block; only the loss of power clears it. Subclasses give its size."""

    size_bytes: ClassVar[int]

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
        pages = bytearray(-(-self.size_bytes // _ENGINE_PAGE_BYTES) * _ENGINE_PAGE_BYTES)
        self.contents: memoryview = memoryview(pages)[: self.size_bytes]  # pyright: ignore[reportIncompatibleVariableOverride]

    def read(self, offset: int, size_bytes: int = 4) -> int:
        """Answer a bus read."""
        return int.from_bytes(self.contents[offset : offset + size_bytes], "little")

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        """Take a bus write."""
        value &= (1 << 8 * size_bytes) - 1
        self.contents[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")

    def peek(self, offset: int) -> int:
        """Read a word."""
        return self.read(offset)

    def outlook(self, offset: int, size_bytes: int = 4) -> Outlook | None:
        """Memory stays as it is."""
        return STEADY

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        return {"contents": bytes(self.contents)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, in place: others hold views of the contents."""
        self.contents[:] = snapshot["contents"]

    def _on_reset(self, cause: ResetCause) -> None:
        if cause is ResetCause.POWER_ON:
            self.contents[:] = bytes(self.size_bytes)
