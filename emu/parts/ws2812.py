"""Strip of colour LEDs with one data wire. Source: Worldsemi, WS2812B data sheet (data transfer time)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from emu.parts.display import Display
from emu.parts.setting import Setting

if TYPE_CHECKING:
    from PIL.Image import Image

ONE_FROM_NS = 550
"""A pulse of 0.4 us is a 0, one of 0.8 us a 1: the middle between their tolerances of 150 ns."""
LATCH_NS = 50_000
DOT = 16


class Ws2812(Display):
    """Takes 24 bits an LED, green first, and shows them after a pause."""

    kind = "ws2812"
    wires: ClassVar[tuple[str, ...]] = ("data",)
    saved_state = ("_shown", "_bits", "_count", "_rose_ns", "_fell_ns", "_was_high")
    count = Setting(8, "how many LEDs", within=(1, 4096))

    def _connect(self) -> None:
        clock, data = self.place.clock, self.place.wires["data"]
        data.on_change(lambda is_high: self._changed(is_high, clock.now_ns))
        data.on_bits(self._shifted)

    def _power_on(self) -> None:
        self._shown = bytes(3 * self.count)
        self._bits = self._count = self._rose_ns = self._fell_ns = 0
        self._was_high = False

    @property
    def colours(self) -> list[tuple[int, int, int]]:
        """Red, green and blue of each LED, 0 to 255."""
        self._latch(self.place.clock.now_ns)
        return [(red, green, blue) for green, red, blue in zip(*[iter(self._shown)] * 3, strict=True)]

    def image(self) -> Image:
        """Draw the LEDs beside each other; needs Pillow."""
        from PIL import Image as Images

        row = Images.frombytes("RGB", (self.count, 1), bytes(part for dot in self.colours for part in dot))
        return row.resize((DOT * self.count, DOT), Images.Resampling.NEAREST)

    def _shifted(self, data: bytes, bit_ns: int) -> None:
        """See the pulses in what an SPI block has sent: the usual way to make them, 3 to 8 bits each."""
        now_ns = self.place.clock.now_ns - 8 * len(data) * bit_ns
        for is_high, bits in groupby(f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}", "1".__eq__):
            if is_high is not self._was_high:
                self._changed(is_high, now_ns)
            now_ns += bit_ns * sum(1 for _ in bits)

    def _changed(self, is_high: bool, now_ns: int) -> None:
        self._was_high = is_high
        if is_high:
            self._latch(now_ns)
            self._rose_ns = now_ns
        else:
            self._bits = self._bits << 1 | (now_ns - self._rose_ns >= ONE_FROM_NS)
            self._count += 1
            self._fell_ns = now_ns

    def _latch(self, now_ns: int) -> None:
        """Show what has come if the wire has been low for long enough; what is too much leaves the strip."""
        if not self._count or now_ns - self._fell_ns < LATCH_NS:
            return
        size_bytes = self._count // 8
        data = (self._bits >> self._count % 8).to_bytes(size_bytes, "big")[: len(self._shown)]
        self._shown = data + self._shown[len(data) :]
        self._bits = self._count = 0
