"""Recorder of what comes over I2S: a codec, an amplifier and an ear in one."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import Final

from emu.parts.i2s_bus import I2sPart, SampleFormat

PIECES: Final = 4096
"""How many become a block, so that snapshots share most of a long recording."""
_OFFSET_BINARY: Final = bytes(byte ^ 0x80 for byte in range(256))


class I2sRecorder(I2sPart):
    """Keeps all samples of the latest format; pauses, in which nothing is sent, are left out."""

    kind = "i2s_recorder"
    saved_state = ("_blocks", "_pieces", "_rate_hz", "_bits", "_channels")

    def _power_on(self) -> None:
        self._rate_hz, self._bits, self._channels = 0, 16, 2
        self._clear()

    def _clear(self) -> None:
        self._blocks: list[bytes] = []
        self._pieces: list[bytes] = []

    def take(self, samples: bytes, how: SampleFormat) -> None:
        """Keep samples; those of another format before are dropped."""
        if (how.rate_hz, how.bits, how.channels) != (self._rate_hz, self._bits, self._channels):
            self._rate_hz, self._bits, self._channels = how.rate_hz, how.bits, how.channels
            self._clear()
        self._pieces.append(samples)
        if len(self._pieces) == PIECES:
            self._blocks.append(b"".join(self._pieces))
            self._pieces = []

    @property
    def how(self) -> SampleFormat:
        """The format of the samples; a rate of 0: there were none."""
        return SampleFormat(self._rate_hz, self._bits, self._channels)

    @property
    def samples(self) -> bytes:
        """All of them, low byte first, in two's complement."""
        return b"".join((*self._blocks, *self._pieces))

    @property
    def duration_s(self) -> float:
        """How long they take."""
        frame_bytes = self._bits // 8 * self._channels
        return len(self.samples) / frame_bytes / self._rate_hz if self._rate_hz else 0.0

    def as_file(self) -> bytes:
        """The samples as a WAV file, which has those of 8 bits without a sign."""
        written = BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(self._channels)
            file.setsampwidth(self._bits // 8)
            file.setframerate(self._rate_hz or 1)
            file.writeframes(self.samples.translate(_OFFSET_BINARY) if self._bits == 8 else self.samples)
        return written.getvalue()
