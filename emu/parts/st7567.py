"""Monochrome LCD with ST7567.

Source: Sitronix, ST7567 data sheet; and st7567.c of IOsetting/wm-sdk-w806, which tells what a board does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.parts.display import two_colours
from emu.parts.memory import Memory
from emu.parts.setting import Setting
from emu.parts.spi_display import SpiDisplay

if TYPE_CHECKING:
    from PIL.Image import Image

SEGMENTS, PAGES = 132, 9
WIDTH, HEIGHT = 128, 64
SET_CONTRAST, SET_BOOSTER, RESET = 0x81, 0xF8, 0xE2
FLAGS = {0xA0: "mirror_x", 0xA4: "all_on", 0xA6: "inverse", 0xAE: "is_on"}
"""Commands whose lowest bit is the flag."""


class St7567(SpiDisplay):
    """A panel of 128 x 64 at 132 segments; its row of icons is not drawn."""

    kind = "st7567"
    saved_state = ("_ram", "_registers", "_has_argument")
    is_turned = Setting(False, "upright with MX reset and MY set, not the other way round")
    on_colour = Setting("#202050", "what a pixel looks like that is on, as Pillow takes colours")
    off_colour = Setting("#c0d0a0", "what all others look like")

    def _connect(self) -> None:
        super()._connect()
        self._ram = Memory(SEGMENTS * PAGES)

    def _power_on(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._registers: dict[str, int] = dict.fromkeys(
            ("is_on", "all_on", "inverse", "mirror_x", "mirror_y", "start_line", "column", "page"), 0
        )
        self._has_argument = False

    @property
    def is_on(self) -> bool:
        """Whether it shows what is in its memory."""
        return bool(self._registers["is_on"])

    def image(self) -> Image:
        """Draw what is to be seen, a pixel each, as RGB; needs Pillow."""
        return two_colours(self, (WIDTH, HEIGHT), self.on_colour, self.off_colour)

    def pixel(self, x: int, y: int) -> bool:
        """Whether a pixel is dark, counted from the upper left corner."""
        seen = self._registers
        if not seen["is_on"] or seen["all_on"]:
            return bool(seen["is_on"])
        segment, common = (x, HEIGHT - 1 - y) if self.is_turned else (WIDTH - 1 - x, y)
        column = SEGMENTS - 1 - segment if seen["mirror_x"] else segment
        row = HEIGHT - 1 - common if seen["mirror_y"] else common
        row = (row + seen["start_line"]) % HEIGHT
        return bool(self._ram[row // 8 * SEGMENTS + column] >> row % 8 & 1) != bool(seen["inverse"])

    def _take_data(self, data: bytes) -> None:
        """Store columns of eight pixels; behind the last one the next page begins, as st7567.c has found."""
        at = self._registers
        for byte in data:
            self._ram.put(at["page"] * SEGMENTS + at["column"], byte)
            at["column"] += 1
            if at["column"] == SEGMENTS:
                at["column"] = 0
                at["page"] = (at["page"] + 1) % PAGES

    def _take_command(self, byte: int) -> None:
        if self._has_argument:
            self._has_argument = False  # contrast and booster change nothing of the picture
            return
        self._has_argument = byte in (SET_CONTRAST, SET_BOOSTER)
        registers, low = self._registers, byte & 0xF
        if (flag := FLAGS.get(byte & 0xFE)) is not None:
            registers[flag] = byte & 1
        elif byte == RESET:
            registers |= dict.fromkeys(("start_line", "column", "page"), 0)  # GUESS: all else stays
        match byte >> 4:
            case 0x0 | 0x1:
                bits = (registers["column"] & 0xF0 | low, registers["column"] & 0x0F | low << 4)
                registers["column"] = min(bits[byte >> 4], SEGMENTS - 1)
            case 0x4 | 0x5 | 0x6 | 0x7:
                registers["start_line"] = byte & 0x3F
            case 0xB:
                registers["page"] = min(low, PAGES - 1)
            case 0xC:
                registers["mirror_y"] = low >> 3
