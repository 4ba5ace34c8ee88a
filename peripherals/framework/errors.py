"""What can go wrong between a model and the rest of the chip."""

from __future__ import annotations


class DeclarationError(TypeError):
    """A register map contradicts itself; raised when the class is created."""


class BusError(Exception):
    """Nothing answers at a physical address, or it refuses the access."""

    def __init__(self, address: int, reason: str = "nothing answers there") -> None:
        super().__init__(f"bus error at {address:#010x}: {reason}")
        self.address = address
        self.reason = reason
