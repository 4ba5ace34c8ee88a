"""OLED display with SSD1306. Source: Solomon Systech, SSD1306 data sheet 1.1 (chapters 8.1.5, 9, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.parts.display import Display, two_colours
from emu.parts.i2c_bus import I2cPart
from emu.parts.memory import Memory
from emu.parts.setting import Setting

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS, PAGES = 128, 8
CONTINUATION, IS_DATA = 0x80, 0x40

# Commands that are one byte of their own, with their low bits as the argument, end where the next begins.
# fmt: off
ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2, 0xA8: 1,
    0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}
"""How many bytes follow a command."""
# fmt: on
HORIZONTAL, VERTICAL, BY_PAGE = range(3)


class Ssd1306(Display, I2cPart):
    """128 columns of up to 64 pixels; `image` shows what is to be seen. Scrolling stands still."""

    kind = "ssd1306"
    saved_state = ("_ram", "_registers", "_command", "_is_control_next", "_is_data", "_is_single")
    address: Setting[int] = Setting(0x3C, "its 7 bits: 0x3C, or 0x3D with SA0 high", choices=(0x3C, 0x3D))
    height = Setting(64, "rows of pixels", choices=(32, 64))
    on_colour = Setting("#a0e0ff", "what a pixel looks like that is on, as Pillow takes colours")

    def _connect(self) -> None:
        # GUESS: RAM is random at power-on; here it is empty.
        self._ram = Memory(COLUMNS * PAGES)

    def _power_on(self) -> None:
        self._registers = {
            **dict.fromkeys(("is_on", "all_on", "inverse", "segment_remap", "scans_down"), 0),
            **dict.fromkeys(("start_line", "offset", "column", "page", "column_start", "page_start"), 0),
            **{"mode": BY_PAGE, "column_end": COLUMNS - 1, "page_end": PAGES - 1},
            **{"rows": 64, "contrast": 0x7F},
        }
        self._command: list[int] = []
        self._is_control_next = self._is_data = self._is_single = False

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed; the next byte is a control byte."""
        self._is_control_next = True
        return True

    def write(self, byte: int) -> bool:
        """Take a control byte, a command or data (8.1.5.2)."""
        if self._is_control_next:
            self._is_single = bool(byte & CONTINUATION)
            self._is_data = bool(byte & IS_DATA)
            self._is_control_next = False
            return True
        if self._is_data:
            self._store(byte)
        else:
            self._take_command(byte)
        self._is_control_next = self._is_single
        return True

    def read(self) -> int:
        """Give the status: bit 6 is set while the display is off (9.2)."""
        return 0 if self._registers["is_on"] else 1 << 6

    @property
    def is_on(self) -> bool:
        """Whether it shines."""
        return bool(self._registers["is_on"])

    def image(self) -> Image:
        """Draw what is to be seen, a pixel each, as RGB; needs Pillow."""
        return two_colours(self, (COLUMNS, self.height), self.on_colour)

    def pixel(self, x: int, y: int) -> bool:
        """Whether a pixel shines, counted from the upper left corner as modules are mounted."""
        seen = self._registers
        if not seen["is_on"]:
            return False
        if seen["all_on"]:
            return True
        # Modules are mounted so that remapped segments and rows scanned downwards show text upright.
        column = x if seen["segment_remap"] else COLUMNS - 1 - x
        row = y if seen["scans_down"] else seen["rows"] - 1 - y
        if not 0 <= row < seen["rows"]:
            return False
        row = (row + seen["start_line"] + seen["offset"]) % 64
        lit = self._ram[row // 8 * COLUMNS + column] >> row % 8 & 1
        return bool(lit) != bool(seen["inverse"])

    def _store(self, byte: int) -> None:
        """Put eight pixels below each other, and go on as the addressing mode says (10.1.3)."""
        at = self._registers
        column, page = at["column"], at["page"]
        self._ram.store(page * COLUMNS + column, bytes((byte,)))
        if at["mode"] == VERTICAL:
            if page != at["page_end"]:
                at["page"] = page + 1 & 7
                return
            at["page"] = at["page_start"]
            at["column"] = at["column_start"] if column == at["column_end"] else column + 1 & 0x7F
        elif column != at["column_end"]:
            at["column"] = column + 1 & 0x7F
        else:
            at["column"] = at["column_start"]
            if at["mode"] == HORIZONTAL:
                at["page"] = at["page_start"] if page == at["page_end"] else page + 1 & 7

    def _take_command(self, byte: int) -> None:
        self._command.append(byte)
        opcode, *arguments = self._command
        if len(arguments) == ARGUMENTS.get(opcode, 0):
            self._command = []
            if arguments:
                self._set(opcode, arguments)
            else:
                self._do(opcode)

    def _do(self, opcode: int) -> None:
        """Carry out a command of one byte (9.1)."""
        registers = self._registers
        match opcode >> 4, opcode & 0xF:
            case 0x0, low:
                registers["column"] = registers["column"] & 0x70 | low
            case 0x1, high:
                registers["column"] = registers["column"] & 0x0F | (high & 7) << 4
            case ((0x4 | 0x5 | 0x6 | 0x7), _):
                registers["start_line"] = opcode & 0x3F
            case 0xA, (0 | 1):
                registers["segment_remap"] = opcode & 1
            case 0xA, (4 | 5):
                registers["all_on"] = opcode & 1
            case 0xA, (6 | 7):
                registers["inverse"] = opcode & 1
            case 0xA, (0xE | 0xF):
                registers["is_on"] = opcode & 1
            case 0xB, page:
                registers["page"] = page & 7
            case 0xC, direction:
                registers["scans_down"] = direction >> 3

    def _set(self, opcode: int, arguments: list[int]) -> None:
        """Carry out a command with arguments; times, voltages and scrolling change nothing of the picture."""
        registers = self._registers
        first, last = arguments[0], arguments[-1]
        match opcode:
            case 0x20:
                registers["mode"] = min(first & 3, BY_PAGE)
            case 0x21:
                registers["column"] = registers["column_start"] = first & 0x7F
                registers["column_end"] = last & 0x7F
            case 0x22:
                registers["page"] = registers["page_start"] = first & 7
                registers["page_end"] = last & 7
            case 0x81:
                registers["contrast"] = first
            case 0xA8:
                registers["rows"] = (first & 0x3F) + 1
            case 0xD3:
                registers["offset"] = first & 0x3F
