"""OLED displays with SSD1306. Source: Solomon Systech, SSD1306 data sheet 1.1 (8.1.3, 8.1.5, 9.2)."""

from __future__ import annotations

from emu.parts.i2c_bus import I2cPart
from emu.parts.setting import Setting
from emu.parts.spi_display import SpiDisplay
from emu.parts.ssd1306_controller import Ssd1306Controller

CONTINUATION, IS_DATA = 0x80, 0x40


class Ssd1306(Ssd1306Controller, I2cPart):
    """128 columns of up to 64 pixels on I2C; `image` shows what is to be seen. Scrolling stands still."""

    kind = "ssd1306"
    saved_state = (*Ssd1306Controller.saved_state, "_is_control_next", "_is_data", "_is_single")
    address: Setting[int] = Setting(0x3C, "its 7 bits: 0x3C, or 0x3D with SA0 high", choices=(0x3C, 0x3D))

    def _power_on(self) -> None:
        super()._power_on()
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
        return 0 if self.is_on else 1 << 6


class Ssd1306Spi(Ssd1306Controller, SpiDisplay):
    """128 columns of up to 64 pixels on SPI with four wires; `image` shows what is to be seen."""

    kind = "ssd1306_spi"

    def _connect(self) -> None:
        super()._connect()
        SpiDisplay._connect(self)

    def _take_data(self, data: bytes) -> None:
        for byte in data:
            self._store(byte)
