"""Colour displays with ST7735 or ST7789. Sources: Sitronix, ST7735S and ST7789V data sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from emu.parts.memory import Memory
from emu.parts.setting import Setting
from emu.parts.spi_display import SpiDisplay

if TYPE_CHECKING:
    from PIL.Image import Image

SOFTWARE_RESET, SLEEP_IN, SLEEP_OUT = 0x01, 0x10, 0x11
INVERSION_OFF, INVERSION_ON, DISPLAY_OFF, DISPLAY_ON = 0x20, 0x21, 0x28, 0x29
COLUMNS, ROWS, WRITE, ACCESS, FORMAT, CONTINUE = 0x2A, 0x2B, 0x2C, 0x36, 0x3A, 0x3C
MIRROR_Y, MIRROR_X, EXCHANGE = 0x80, 0x40, 0x20
BITS_12, BITS_18 = 0x33 & 7, 0x66 & 7


class Tft(SpiDisplay):
    """A panel whose memory is written by windows; what is written goes where MADCTL says.

    The order of red and blue is what the driver takes it for.
    """

    saved_state = ("_ram", "_registers", "_command", "_arguments", "_x", "_y", "_rest")
    memory_size: ClassVar[tuple[int, int]]
    """Columns and rows of the controller's memory."""
    writes: ClassVar[tuple[int, ...]] = (WRITE,)
    """The commands whose data are pixels."""
    width = Setting(128, "columns of the panel", within=(1, 320))
    height = Setting(160, "rows of the panel", within=(1, 320))
    first_column = Setting(0, "of the memory that the panel shows", within=(0, 320))
    first_row = Setting(0, "of the memory that the panel shows", within=(0, 320))
    rotation = Setting(
        180, "of the module: with 180 it is upright for MX and MY set", choices=(0, 90, 180, 270)
    )
    is_inverted = Setting(False, "the panel shows colours upright with inversion on, as IPS panels do")

    def _connect(self) -> None:
        # GUESS: RAM is random at power-on; here it is black.
        super()._connect()
        self._ram = Memory(3 * self.memory_size[0] * self.memory_size[1])

    def _power_on(self) -> None:
        self._reset()

    @property
    def is_on(self) -> bool:
        """Whether it shows what is in its memory."""
        return bool(self._registers["is_on"] and self._registers["is_awake"])

    def image(self) -> Image:
        """Draw what is to be seen, a pixel each, as RGB; needs Pillow."""
        from PIL import Image as Images
        from PIL import ImageOps

        if not self.is_on:
            return Images.new("RGB", (self.width, self.height))
        whole = Images.frombytes("RGB", self.memory_size, bytes(self._ram.data))
        left, top = self.first_column, self.first_row
        seen = whole.crop((left, top, left + self.width, top + self.height))
        if bool(self._registers["inversion"]) != self.is_inverted:
            seen = ImageOps.invert(seen)
        return seen.rotate(self.rotation, expand=True)

    def _take_command(self, byte: int) -> None:
        command, registers = byte, self._registers
        self._command, self._arguments, self._rest = byte, b"", b""
        if command in (SLEEP_IN, SLEEP_OUT):
            registers["is_awake"] = command & 1
        elif command in (INVERSION_OFF, INVERSION_ON):
            registers["inversion"] = command & 1
        elif command in (DISPLAY_OFF, DISPLAY_ON):
            registers["is_on"] = command & 1
        elif command == SOFTWARE_RESET:
            self._reset()
        elif command == WRITE:
            self._x, self._y = registers["left"], registers["top"]

    def _take_data(self, data: bytes) -> None:
        if self._command in self.writes:
            self._write_pixels(self._rest + data)
            return
        self._arguments += data
        arguments, registers = self._arguments, self._registers
        if self._command in (COLUMNS, ROWS) and len(arguments) >= 4:
            first, last = int.from_bytes(arguments[:2], "big"), int.from_bytes(arguments[2:4], "big")
            names = ("left", "right") if self._command == COLUMNS else ("top", "bottom")
            registers.update(zip(names, (first, last), strict=True))
        elif self._command == ACCESS:
            registers["access"] = arguments[0]
        elif self._command == FORMAT:
            registers["format"] = arguments[0] & 7

    def _write_pixels(self, data: bytes) -> None:
        """Put whole pixels into the window, row after row; the rest waits for its other bytes."""
        size_bytes, decode = _FORMATS.get(self._registers["format"], (2, _rgb_of_565))
        whole = len(data) // size_bytes * size_bytes
        self._rest, pixels = data[whole:], decode(data[:whole])
        left, right = self._registers["left"], self._registers["right"]
        top, bottom = self._registers["top"], self._registers["bottom"]
        while pixels:
            in_row = max(right - self._x + 1, 1)
            self._put(self._x, self._y, pixels[: 3 * in_row])
            drawn = min(len(pixels) // 3, in_row)
            pixels = pixels[3 * in_row :]
            self._x += drawn
            if self._x > right:
                self._x = left
                self._y = top if self._y >= bottom else self._y + 1

    def _put(self, x: int, y: int, pixels: bytes) -> None:
        """Store a run of pixels, which goes on to the right, or where MADCTL turns it."""
        if self._registers["access"] & EXCHANGE:
            for place in range(len(pixels) // 3):
                self._put_run(y, x + place, pixels[3 * place : 3 * place + 3])
        else:
            self._put_run(x, y, pixels[: 3 * max(self.memory_size[0] - x, 0)])

    def _put_run(self, column: int, row: int, pixels: bytes) -> None:
        """Store pixels of a row of the memory, mirrored as MADCTL says; what is outside is lost."""
        columns, rows = self.memory_size
        access, count = self._registers["access"], len(pixels) // 3
        if row >= rows or column + count > columns:
            return
        if access & MIRROR_X:
            column, pixels = columns - column - count, _from_right_to_left(pixels)
        if access & MIRROR_Y:
            row = rows - 1 - row
        self._ram.store(3 * (row * columns + column), pixels)

    def _reset(self) -> None:
        columns, rows = self.memory_size
        self._registers = {
            **{"is_awake": 0, "is_on": 0, "inversion": 0, "access": 0, "format": 6},
            **{"left": 0, "right": columns - 1, "top": 0, "bottom": rows - 1},
        }
        self._command, self._arguments, self._rest = 0, b"", b""
        self._x = self._y = 0


class St7735(Tft):
    """132 columns and 162 rows of memory, of which modules show 128 x 160, 80 x 160 or 128 x 128.

    The usual module of 128 x 160 shows columns 2 to 129, rows 1 to 160.
    """

    kind = "st7735"
    memory_size = (132, 162)
    first_column = Setting(2, "of the memory that the panel shows", within=(0, 131))
    first_row = Setting(1, "of the memory that the panel shows", within=(0, 161))


class St7789(Tft):
    """240 columns and 320 rows of memory."""

    kind = "st7789"
    memory_size = (240, 320)
    writes = (WRITE, CONTINUE)
    width = Setting(240, "columns of the panel", within=(1, 240))
    height = Setting(240, "rows of the panel", within=(1, 320))


_RED = bytes((high >> 3) * 255 // 31 for high in range(256))
_BLUE = bytes((low & 0x1F) * 255 // 31 for low in range(256))
_GREEN_HIGH = tuple((high & 7) << 3 for high in range(256))
_GREEN = bytes(green * 255 // 63 for green in range(64))


def _from_right_to_left(pixels: bytes) -> bytes:
    """The pixels in the other order, three bytes each."""
    turned = bytearray(len(pixels))
    for part in range(3):
        turned[part::3] = pixels[part::3][::-1]
    return bytes(turned)


def _rgb_of_565(data: bytes) -> bytes:
    """Three bytes each for pixels of 5, 6 and 5 bits, the high byte first."""
    high, low = data[::2], data[1::2]
    pixels = bytearray(3 * len(high))
    pixels[::3] = high.translate(_RED)
    pixels[1::3] = bytes(_GREEN[_GREEN_HIGH[one] | other >> 5] for one, other in zip(high, low, strict=True))
    pixels[2::3] = low.translate(_BLUE)
    return bytes(pixels)


def _rgb_of_444(data: bytes) -> bytes:
    """Three bytes each for pixels of 4, 4 and 4 bits, two of which are in three bytes."""
    pixels = bytearray(2 * len(data))
    pixels[::2], pixels[1::2] = data.translate(_HIGH_NIBBLE), data.translate(_LOW_NIBBLE)
    return bytes(pixels)


_HIGH_NIBBLE = bytes((byte >> 4) * 0x11 for byte in range(256))
_LOW_NIBBLE = bytes((byte & 0xF) * 0x11 for byte in range(256))
_FORMATS: Final[dict[int, tuple[int, Callable[[bytes], bytes]]]] = {
    BITS_12: (3, _rgb_of_444),
    BITS_18: (3, bytes),
}
"""By COLMOD: bytes that hold whole pixels, and what makes red, green and blue of them; else 16 bits."""
