"""The controller SSD1306, on any bus. Source: Solomon Systech, SSD1306 data sheet 1.1 (chapters 8 to 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from emu.parts.display import Display, two_colours
from emu.parts.memory import Memory
from emu.parts.setting import Setting

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS, PAGES = 128, 8

# Commands that are one byte of their own, with their low bits as the argument, end where the next begins.
# fmt: off
ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2, 0xA8: 1,
    0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}
"""How many bytes follow a command."""
# fmt: on
HORIZONTAL, VERTICAL, BY_PAGE = range(3)


class Ssd1306Controller(Display):
    """128 columns of up to 64 pixels; `image` shows what is to be seen. Scrolling stands still."""

    saved_state: ClassVar[tuple[str, ...]] = ("_ram", "_registers", "_command", "_column", "_page")
    height = Setting(64, "rows of pixels", choices=(32, 64))
    on_colour = Setting("#a0e0ff", "what a pixel looks like that is on, as Pillow takes colours")

    def _connect(self) -> None:
        # GUESS: RAM is random at power-on; here it is empty.
        self._ram = Memory(COLUMNS * PAGES)

    def _power_on(self) -> None:
        self._reset()

    def _reset(self) -> None:
        """Come to the state of 8.5, which leaves the RAM as it is."""
        self._registers = {
            **dict.fromkeys(("is_on", "all_on", "inverse", "segment_remap", "scans_down"), 0),
            **dict.fromkeys(("start_line", "offset", "first_column", "first_page"), 0),
            **{"mode": BY_PAGE, "last_column": COLUMNS - 1, "last_page": PAGES - 1},
            **{"rows": 64, "contrast": 0x7F},
        }
        self._column = self._page = 0
        self._command: list[int] = []

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
        column, at = self._column, self._registers
        self._ram.put(self._page * COLUMNS + column, byte)
        if column == at["last_column"] or at["mode"] == VERTICAL:
            self._turn()
        else:
            self._column = column + 1 & 0x7F

    def _turn(self) -> None:
        """Go on from the end of a row, or of a page in vertical addressing."""
        at = self._registers
        is_last_page = self._page == at["last_page"]
        next_page = at["first_page"] if is_last_page else self._page + 1 & 7
        if at["mode"] != VERTICAL:
            self._column = at["first_column"]
            self._page = next_page if at["mode"] == HORIZONTAL else self._page
            return
        self._page = next_page
        if is_last_page:
            is_last = self._column == at["last_column"]
            self._column = at["first_column"] if is_last else self._column + 1 & 0x7F

    def _take_command(self, byte: int) -> None:
        """Take a byte of a command."""
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
                self._column = self._column & 0x70 | low
            case 0x1, high:
                self._column = self._column & 0x0F | (high & 7) << 4
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
                self._page = page & 7
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
                self._column = registers["first_column"] = first & 0x7F
                registers["last_column"] = last & 0x7F
            case 0x22:
                self._page = registers["first_page"] = first & 7
                registers["last_page"] = last & 7
            case 0x81:
                registers["contrast"] = first
            case 0xA8:
                registers["rows"] = (first & 0x3F) + 1
            case 0xD3:
                registers["offset"] = first & 0x3F
