"""Memory between the radio's converters and its calibration. Addresses: debug information of librf."""

from __future__ import annotations

from peripherals.framework.memory_block import MemoryBlock


class SampleMemory(MemoryBlock):
    """0x8000 bytes to be played by the transmitter, then 0x1000 that the receiver has captured.

    Plain memory: nothing is played, and nothing is captured but silence.
    """

    size_bytes = 0x9000
