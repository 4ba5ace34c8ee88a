"""SD card in SPI mode. Source: SD Association, Physical Layer Simplified Specification 6.0, chapter 7."""

from __future__ import annotations

from emu.parts.memory import Memory
from emu.parts.part import stimulus
from emu.parts.setting import Setting
from emu.parts.spi_bus import SpiPart

BLOCK = 512
IDLE, ILLEGAL, CRC_ERROR, PARAMETER_ERROR = 0x01, 0x04, 0x08, 0x40
START, START_OF_MANY, STOP_OF_MANY = 0xFE, 0xFC, 0xFD
ACCEPTED = 0x05
OCR = 0x40FF_8000
"""High capacity, all voltages; bit 31 is set once the card has started."""
POLLS_TO_START = 3


class SdCard(SpiPart):
    """A card of high capacity: addresses are blocks. Checksums of commands count for 0 only."""

    kind = "sd_card"
    saved_state = (
        "contents",
        "_frame",
        "_out",
        "_state",
        "_block",
        "_data",
        "_is_idle",
        "_polls",
        "_is_application",
    )
    size_mib = Setting(8, "how much it holds", within=(1, 64))

    def _connect(self) -> None:
        self.contents = Memory(self.size_mib << 20)

    def _power_on(self) -> None:
        self._frame = self._out = self._data = b""
        self._state = ""
        self._block = self._polls = 0
        self._is_idle, self._is_application = True, False

    @stimulus
    def load(self, offset: int, data: bytes) -> None:
        """Put bytes on the card, such as the image of a file system."""
        self.contents.store(offset, data)

    def reply(self) -> int:
        """Give the next byte of the answer; ones while there is none."""
        if not self._out and self._state == "reading many":
            self._out = self._read_block(self._block)
            self._block += 1
        if not self._out:
            return 0xFF
        byte, self._out = self._out[0], self._out[1:]
        return byte

    def take(self, byte: int) -> None:
        """Take a byte of a command or of a block that is written."""
        if self._state == "writing" or self._state == "writing many":
            self._take_block(byte)
        elif self._frame or byte & 0xC0 == 0x40:
            self._frame += bytes((byte,))
            if len(self._frame) == 6:
                frame, self._frame = self._frame, b""
                self._carry_out(frame[0] & 0x3F, int.from_bytes(frame[1:5], "big"), frame[5])

    def select(self) -> None:
        """Begin with a command."""
        self._frame = b""

    def _carry_out(self, command: int, argument: int, checksum: int) -> None:
        is_application, self._is_application = self._is_application, False
        status = IDLE if self._is_idle else 0
        if self._state == "reading many":
            self._state = ""
        answer = bytes((0xFF,))  # the card takes a byte of time
        match command:
            case 0:
                self._power_on()
                answer += bytes((IDLE if checksum == 0x95 else IDLE | CRC_ERROR,))
            case 8:
                answer += bytes((status,)) + (argument & 0xFFF).to_bytes(4, "big")
            case 55:
                self._is_application = True
                answer += bytes((status,))
            case 41 if is_application:
                self._polls += 1
                self._is_idle = self._polls < POLLS_TO_START
                answer += bytes((IDLE if self._is_idle else 0,))
            case 58:
                answer += bytes((status,)) + (OCR | (not self._is_idle) << 31).to_bytes(4, "big")
            case 17 | 18 | 24 | 25:
                answer += self._access(command, argument, status)
            case _:
                answer += self._plain(command, status)
        self._out = answer

    def _plain(self, command: int, status: int) -> bytes:
        """What is answered by a register, or by nothing but the status."""
        if command in (9, 10):
            register = self._csd() if command == 9 else self._cid()
            return bytes((status, 0xFF)) + _with_checksum(register)
        if command == 13:
            return bytes((status, 0))
        return bytes((status if command in (12, 16, 23, 59) else status | ILLEGAL,))

    def _access(self, command: int, block: int, status: int) -> bytes:
        if block >= len(self.contents) // BLOCK:
            return bytes((status | PARAMETER_ERROR,))
        self._block = block
        if command == 17:
            return bytes((status, 0xFF)) + self._read_block(block)
        self._state = {18: "reading many", 24: "writing", 25: "writing many"}[command]
        return bytes((status, 0xFF))

    def _read_block(self, block: int) -> bytes:
        data = bytes(self.contents.data[block * BLOCK : (block + 1) * BLOCK])
        if not data:
            return bytes((0x08,))  # data error token: out of range
        return _with_checksum(data)

    def _take_block(self, byte: int) -> None:
        """Take what is written: a token, the block, its checksum; answer, and be busy for a byte."""
        if not self._data:
            if byte == STOP_OF_MANY and self._state == "writing many":
                self._state, self._out = "", b"\xff\x00"
            elif byte in (START, START_OF_MANY):
                self._data = bytes((byte,))
            return
        self._data += bytes((byte,))
        if len(self._data) == 1 + BLOCK + 2:
            self.contents.store(self._block * BLOCK, self._data[1 : 1 + BLOCK])
            self._block += 1
            self._data = b""
            self._out = bytes((ACCEPTED, 0x00))
            if self._state == "writing":
                self._state = ""

    def _csd(self) -> bytes:
        """Version 2: the size in units of 512 KiB, less 1."""
        units = len(self.contents) // (512 * 1024) - 1
        size = (units & 0x3F_FFFF).to_bytes(3, "big")
        return bytes.fromhex("400e00325b5900") + size + bytes.fromhex("7f800a404001")

    def _cid(self) -> bytes:
        return b"\x03SDW800E\x10\x00\x00\x00\x01\x01\x81\x01"


def _with_checksum(data: bytes) -> bytes:
    """A block as it is sent: a token, the data, 16 bits of CRC-CCITT."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return bytes((START,)) + data + crc.to_bytes(2, "big")
