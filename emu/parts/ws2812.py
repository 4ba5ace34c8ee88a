"""Strip of colour LEDs with one data wire. Source: Worldsemi, WS2812B data sheet (data transfer time)."""

from __future__ import annotations

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
    saved_state = ("_shown", "_bits", "_count", "_rose_ns", "_fell_ns")
    count = Setting(8, "how many LEDs", within=(1, 4096))

    def _connect(self) -> None:
        self.place.wires["data"].on_change(self._changed)

    def _power_on(self) -> None:
        self._shown = bytes(3 * self.count)
        self._bits = self._count = self._rose_ns = self._fell_ns = 0

    @property
    def colours(self) -> list[tuple[int, int, int]]:
        """Red, green and blue of each LED, 0 to 255."""
        self._latch()
        return [(red, green, blue) for green, red, blue in zip(*[iter(self._shown)] * 3, strict=True)]

    def image(self) -> Image:
        """Draw the LEDs beside each other; needs Pillow."""
        from PIL import Image as Images

        row = Images.frombytes("RGB", (self.count, 1), bytes(part for dot in self.colours for part in dot))
        return row.resize((DOT * self.count, DOT), Images.Resampling.NEAREST)

    def _changed(self, is_high: bool) -> None:
        now_ns = self.place.clock.now_ns
        if is_high:
            self._latch()
            self._rose_ns = now_ns
        else:
            self._bits = self._bits << 1 | (now_ns - self._rose_ns >= ONE_FROM_NS)
            self._count += 1
            self._fell_ns = now_ns

    def _latch(self) -> None:
        """Show what has come if the wire has been low for long enough; what is too much leaves the strip."""
        if not self._count or self.place.clock.now_ns - self._fell_ns < LATCH_NS:
            return
        size_bytes = self._count // 8
        data = (self._bits >> self._count % 8).to_bytes(size_bytes, "big")[: len(self._shown)]
        self._shown = data + self._shown[len(data) :]
        self._bits = self._count = 0
