"""Serial EEPROM 24C01 to 24C512. Source: Microchip DS21189 (24LC256), Atmel 0180 (AT24C01A to AT24C16)."""

from __future__ import annotations

from emu.parts.i2c_bus import I2cPart
from emu.parts.memory import Memory
from emu.parts.part import stimulus
from emu.parts.setting import Quantity, Setting
from peripherals.framework.deadline import Deadline

PAGE_BYTES = {1: 8, 2: 8, 4: 16, 8: 16, 16: 16, 32: 32, 64: 32, 128: 64, 256: 64, 512: 128}
"""By the size in Kbit, which is the number in the name."""
LARGEST_WITH_SHORT_ADDRESS = 16
"""Kbit; those above take two bytes. The 24C04 to 24C16 have the high bits in their bus address."""
WRITE_NS = 5_000_000


class Eeprom24c(I2cPart):
    """Keeps what is written without power; does not answer while it programs a page."""

    kind = "eeprom_24c"
    saved_state = ("contents", "_pointer", "_address_bytes_left", "_page", "_programming")
    address: Setting[int] = Setting(0x50, "its 7 bits, with the levels of A2 to A0", within=(0, 0x7F))
    size_kbit = Setting(2, "the number in the name: 2 for a 24C02", choices=tuple(PAGE_BYTES))
    fill = Setting(0xFF, "what it holds at first", within=(0, 0xFF))
    write_protect: Quantity[bool] = Quantity(False, "WP is high: nothing is programmed")

    def _connect(self) -> None:
        self.contents = Memory(self.size_bytes, self.fill)
        self._page: dict[int, int] = {}  # what is to be programmed, by its address
        self._programming = Deadline(self.place.clock, lambda: None)

    def _power_on(self) -> None:
        self._pointer = self._address_bytes_left = 0
        self._page = {}
        self._programming.cancel()

    @stimulus
    def load(self, offset: int, data: bytes) -> None:
        """Put bytes there, as a programmer does."""
        self.contents.store(offset, data)

    def as_file(self) -> bytes:
        """All bytes."""
        return bytes(self.contents.data)

    @property
    def size_bytes(self) -> int:
        """How much it holds."""
        return self.size_kbit * 1024 // 8

    def answers(self, address: int) -> bool:
        """The 24C04 to 24C16 answer at 2, 4 or 8 addresses."""
        return address & ~self._block_mask == self.address & ~self._block_mask

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Answer unless a page is being programmed."""
        if self._programming.due_ns is not None:
            return False
        self._page = {}  # without a stop nothing is programmed
        if not is_read:
            self._address_bytes_left = self._address_bytes
            self._pointer = address & self._block_mask
        return True

    def write(self, byte: int) -> bool:
        """Take the address, then what to write: behind the end of the page it goes on at its beginning."""
        if self._address_bytes_left:
            self._address_bytes_left -= 1
            self._pointer = (self._pointer << 8 | byte) % self.size_bytes
            return True
        if self.write_protect:
            return True
        page_bytes = PAGE_BYTES[self.size_kbit]
        self._page[self._pointer] = byte
        self._pointer = self._pointer // page_bytes * page_bytes + (self._pointer + 1) % page_bytes
        return True

    def read(self) -> int:
        """Give the next byte; behind the last comes the first."""
        byte = self.contents[self._pointer]
        self._pointer = (self._pointer + 1) % self.size_bytes
        return byte

    def end(self) -> None:
        """Program what has been written."""
        if self._page:
            for place, byte in self._page.items():
                self.contents.store(place, bytes([byte]))
            self._page = {}
            self._programming.schedule(WRITE_NS)

    @property
    def _address_bytes(self) -> int:
        return 1 if self.size_kbit <= LARGEST_WITH_SHORT_ADDRESS else 2

    @property
    def _block_mask(self) -> int:
        return max(self.size_bytes >> 8, 1) - 1 if self._address_bytes == 1 else 0
