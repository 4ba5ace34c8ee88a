"""SD card in SPI mode. Source: SD Association, Physical Layer Simplified Specification 6.0, chapter 7."""

from __future__ import annotations

from binascii import crc_hqx
from typing import ClassVar

from emu.parts.sd_storage import BLOCK, HIGH_CAPACITY, POLLS_TO_START, STARTED, SdStorage
from emu.parts.spi_bus import SpiPart
from peripherals.sd_wires import crc7

IDLE, ILLEGAL, CRC_ERROR, ADDRESS_ERROR, PARAMETER_ERROR = 0x01, 0x04, 0x08, 0x20, 0x40
START, START_OF_MANY, STOP_OF_MANY = 0xFE, 0xFC, 0xFD
ACCEPTED, REFUSED, FAILED = 0x05, 0x0B, 0x0D


class SdCard(SdStorage, SpiPart):
    """A card on SPI. Checksums count for commands 0 and 8, and for all once command 59 wants it."""

    kind = "sd_card"
    optional_wires: ClassVar[tuple[str, ...]] = (*SpiPart.optional_wires, *SdStorage.optional_wires)
    saved_state = (
        *SdStorage.saved_state,
        *("_frame", "_out", "_state", "_block", "_data", "_is_idle", "_polls", "_is_application", "_checks"),
    )

    def _power_on(self) -> None:
        super()._power_on()
        self._frame = self._out = self._data = b""
        self._state = ""
        self._block = self._polls = 0
        self._is_idle, self._is_application, self._checks = True, False, False

    @property
    def is_selected(self) -> bool:
        """Whether its select wire is low, and the card there."""
        return self.inserted and super().is_selected

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
                self._carry_out(frame)

    def select(self) -> None:
        """Begin with a command."""
        self._frame = b""

    def _carry_out(self, frame: bytes) -> None:
        command, argument = frame[0] & 0x3F, int.from_bytes(frame[1:5], "big")
        is_application, self._is_application = self._is_application, False
        status = IDLE if self._is_idle else 0
        if self._state == "reading many":
            self._state = ""
        answer = bytes((0xFF,))  # the card takes a byte of time
        if (self._checks or command in (0, 8)) and frame[5] >> 1 != crc7(frame[:5]):
            self._out = answer + bytes((status | CRC_ERROR,))
            return
        match command:
            case 0:
                self._power_on()
                answer += bytes((IDLE,))
            case 8:
                answer += bytes((status,)) + (argument & 0xFFF).to_bytes(4, "big")
            case 55:
                self._is_application = True
                answer += bytes((status,))
            case 41 if is_application:
                answer += self._start(argument)
            case 58:
                answer += bytes((status,)) + (self.ocr | (0 if self._is_idle else STARTED)).to_bytes(4, "big")
            case 17 | 18 | 24 | 25 if not self._is_idle:
                answer += self._access(command, argument, status)
            case _ if (register := self._register(command, argument, is_application)) is not None:
                told = bytes((status, 0)) if (command, is_application) == (13, True) else bytes((status,))
                answer += told + b"\xff" + _with_checksum(register)
            case _:
                answer += self._plain(command, argument, status)
        self._out = answer

    def _start(self, argument: int) -> bytes:
        """Tell whether it is idle; a host that cannot do with high capacity waits for ever."""
        if argument & HIGH_CAPACITY or not self.high_capacity:
            self._polls += 1
        self._is_idle = self._polls < POLLS_TO_START
        return bytes((IDLE if self._is_idle else 0,))

    def _register(self, command: int, argument: int, is_application: bool) -> bytes | None:
        """What a command reads, other than blocks; None: nothing."""
        match command:
            case 6 if not is_application:
                return self.switch(argument)
            case 9:
                return self.csd
            case 10:
                return self.cid
            case 13 if is_application:
                return self.status(lines=1)
            case 51 if is_application:
                return self.scr
        return None

    def _plain(self, command: int, argument: int, status: int) -> bytes:
        """What is answered by nothing but the status."""
        match command:
            case 13:
                return bytes((status, 0))
            case 16 if argument != BLOCK and not self.high_capacity:
                status |= PARAMETER_ERROR
            case 12 | 16 | 23:
                pass
            case 32:
                self._erase_from = argument
            case 33:
                self._erase_to = argument
            case 38:
                self.erase()
            case 59:
                self._checks = bool(argument & 1)
            case _:
                status |= ILLEGAL
        return bytes((status,))

    def _access(self, command: int, argument: int, status: int) -> bytes:
        if self.is_between_blocks(argument):
            return bytes((status | ADDRESS_ERROR,))
        block = self.number_of(argument)
        if block is None:
            return bytes((status | PARAMETER_ERROR,))
        self._block = block
        if command == 17:
            return bytes((status, 0xFF)) + self._read_block(block)
        self._state = {18: "reading many", 24: "writing", 25: "writing many"}[command]
        return bytes((status, 0xFF))

    def _read_block(self, block: int) -> bytes:
        data = self.block(block)
        return _with_checksum(data) if data else bytes((0x08,))  # data error token: out of range

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
            block, checksum = self._data[1 : 1 + BLOCK], self._data[1 + BLOCK :]
            self._data = b""
            if self._checks and crc_hqx(block, 0) != int.from_bytes(checksum, "big"):
                self._out = bytes((REFUSED,))
            elif self._block >= self.blocks:
                self._out = bytes((FAILED,))
            else:
                self.store(self._block, block)
                self._block += 1
                self._out = bytes((ACCEPTED, 0x00))
            if self._state == "writing":
                self._state = ""


def _with_checksum(data: bytes) -> bytes:
    """A block as it is sent: a token, the data, 16 bits of CRC-CCITT."""
    return bytes((START,)) + data + crc_hqx(data, 0).to_bytes(2, "big")
