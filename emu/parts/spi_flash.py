"""Serial NOR flash on the SPI bus: the same device as the chip's own, see `peripherals/nor_flash.py`."""

from __future__ import annotations

from typing import Final

from emu.parts.setting import Setting
from emu.parts.spi_bus import SpiPart
from peripherals.nor_flash import FlashCommand, NorFlash

MIB = 1 << 20
_WITH_ADDRESS: Final = frozenset({0x02, 0x03, 0x0B, 0x20, 0x52, 0xD8, 0x81, 0x90, 0x42, 0x44, 0x48, 0xAB})
_DUMMY_BYTES: Final = {0x0B: 1, 0x48: 1, 0x4B: 4}
_READS: Final = frozenset({0x03, 0x0B, 0x48, 0x4B, 0x90, 0x9F, 0x05, 0x35, 0x15, 0xAB})
_ADVANCING: Final = frozenset({0x03, 0x0B})


class SpiFlash(SpiPart):
    """A transaction is a selection: reads answer while it lasts, all else is carried out at its end."""

    kind = "spi_flash"
    saved_state = ("flash", "_header", "_data", "_given")
    size_mib = Setting(2, "how much it holds", choices=(1, 2, 4, 8, 16))

    def _connect(self) -> None:
        self.flash = NorFlash(self.size_mib * MIB)
        self.flash.report = lambda _, detail: self.place.report(f"{self.name}: {detail}")
        self._replied = False
        self.select()

    def _power_on(self) -> None:
        self.flash.power_cycle()

    def exchange(self, sent: bytes) -> bytes:
        """Take command, address and data, and give what is read."""
        taken = max(self._header_bytes(sent) - len(self._header), 0)
        self._header += sent[:taken]
        rest = sent[taken:]
        if not rest or self._header[0] not in _READS:
            self._data += rest
            return bytes(len(sent))
        return bytes(min(taken, len(sent))) + self._read(len(rest))

    def reply(self) -> int:
        """Give the next byte of what is read."""
        is_whole = bool(self._header) and len(self._header) == self._header_bytes(b"")
        self._replied = is_whole and self._header[0] in _READS
        return self._read(1)[0] if self._replied else 0

    def take(self, byte: int) -> None:
        """Take a byte whose answer has been given."""
        if not self._replied:
            self.exchange(bytes((byte,)))

    def select(self) -> None:
        """Begin a transaction."""
        self._header = self._data = b""
        self._given = 0

    def deselect(self) -> None:
        """Carry out what is no read."""
        if self._header and self._header[0] not in _READS:
            self._execute(self._address, self._data, 0)
        self.select()

    def _header_bytes(self, sent: bytes) -> int:
        opcode = (self._header + sent[:1])[0]
        return 1 + 3 * (opcode in _WITH_ADDRESS) + _DUMMY_BYTES.get(opcode, 0)

    @property
    def _address(self) -> int:
        return int.from_bytes(self._header[1:4], "big") if self._header[0] in _WITH_ADDRESS else 0

    def _read(self, count: int) -> bytes:
        given, self._given = self._given, self._given + count
        if self._header[0] in _ADVANCING:
            return self._execute(self._address + given, b"", count)
        return self._execute(self._address, b"", given + count)[given:]

    def _execute(self, address: int, data: bytes, reply_bytes: int) -> bytes:
        now_ns = self.place.clock.now_ns
        return self.flash.execute(FlashCommand(self._header[0], address, data, reply_bytes, now_ns))
