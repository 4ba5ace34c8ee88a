"""I2S: parts that hear the samples of a master. Source: Philips, I2S bus specification (1996)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from emu.parts.part import Part


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """How samples come."""

    rate_hz: int
    bits: int
    """8, 16, 24 or 32."""
    channels: int
    """1 or 2, of which the left one comes first."""


class I2sPart(Part):
    """Somebody at clock, word select and data: override `take`."""

    bus = "i2s"
    wires: ClassVar[tuple[str, ...]] = ("data", "bclk", "lrclk")

    def take(self, samples: bytes, how: SampleFormat) -> None:
        """Hear samples, each with its low byte first and in two's complement."""
