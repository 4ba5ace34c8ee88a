"""SD card at an SDIO host. Source: SD Association, Physical Layer Simplified Specification 6.0, chapter 4."""

from __future__ import annotations

from typing import ClassVar, Final

from emu.parts.sd_bus import SdPart
from emu.parts.sd_storage import BLOCK, HIGH_CAPACITY, POLLS_TO_START, STARTED, SdStorage
from emu.parts.setting import Setting
from peripherals.framework.deadline import Deadline
from peripherals.sd_wires import crc7

OUT_OF_RANGE, ADDRESS_ERROR, BLOCK_LENGTH_ERROR = 1 << 31, 1 << 30, 1 << 29
CRC_ERROR, ILLEGAL_COMMAND = 1 << 23, 1 << 22
READY_FOR_DATA, APPLICATION = 1 << 8, 1 << 5
"""Bits of the card status."""
ACCEPTED, REFUSED, NOBODY = 0b010, 0b101, 0b111
ADDRESS: Final = 0x0001
"""What the card calls itself (RCA)."""
LONG: Final = 0x3F
"""Begins responses without the number of their command."""
COMMAND_BITS: Final = 48
_TRANSFERS: Final = (17, 18, 24, 25)
_OF_IO_CARDS: Final = (52, 53)
_OF_APPLICATIONS: Final = (6, 13, 22, 23, 42, 51)
"""Of 23, blocks to erase before, and 42, the resistor of DAT3, nothing is to be seen."""
_OF_SELECTED: Final = (6, 16, *_TRANSFERS, 23, 32, 33, 38)


class State:
    """Of the card, as its status tells it: numbers, as snapshots hold them."""

    IDLE, READY, IDENTIFICATION, STANDBY, TRANSFER, SENDING, RECEIVING, PROGRAMMING, DISCONNECTED = range(9)


class SdmmcCard(SdStorage, SdPart):
    """A memory card with 1 or 4 data lines; commands that its state does not allow get no answer."""

    kind = "sdmmc_card"
    optional_wires: ClassVar[tuple[str, ...]] = (*SdPart.optional_wires, *SdStorage.optional_wires)
    saved_state = (
        *SdStorage.saved_state,
        *("_state", "_errors", "_is_application", "_polls", "_lines", "_programming"),
        *("_number", "_is_many", "_blocks_left", "_announced", "_written", "_register", "_clocks"),
    )
    write_us = Setting(250, "how long a block is programmed", within=(0, 1_000_000))

    def _connect(self) -> None:
        super()._connect()
        self._state = State.IDLE
        self._programming = Deadline(self.place.clock, self._programmed)
        self._clocks = 0
        if (clk := self.place.wires.get("clk")) is not None:
            clk.on_change(self._hear_clock)

    def _hear_clock(self, level: bool) -> None:
        """Tell of a program that makes the signals itself: the block exchanges its commands whole."""
        if level and self._clocks < COMMAND_BITS:
            self._clocks += 1
            if self._clocks == COMMAND_BITS:
                pin = self.place.wires["clk"].net.name
                self.place.report(
                    f"{self.name}: a program makes the clock at {pin}: SD mode bit by bit is not modelled; "
                    "give the pin to the SDIO host, or use sd_card, which is in SPI mode"
                )

    def _power_on(self) -> None:
        super()._power_on()
        self._state = State.IDLE
        self._errors = self._polls = self._number = 0
        self._is_application = self._is_many = False
        self._lines = 1
        self._blocks_left: int | None = None  # of a transfer whose length command 23 has told
        self._announced: int | None = None
        self._written = 0
        self._register = b""  # which is sent in place of a block
        self._programming.cancel()

    def command(self, frame: bytes) -> bytes:
        """Take a command; what comes from another card, as its first bits tell, is none."""
        if not self.inserted or frame[0] >> 6 != 0b01:
            return b""
        if crc7(frame[:5]) != frame[5] >> 1:
            self._errors |= CRC_ERROR
            return b""
        is_application, self._is_application = self._is_application, False
        index, argument = frame[0] & 0x3F, int.from_bytes(frame[1:5], "big")
        answer = self._application(index, argument) if is_application else None
        if answer is None:
            answer = self._identify(index, argument)
        if answer is None and self._state >= State.STANDBY:
            answer = self._access(index, argument)
        if answer is None:
            self._errors |= ILLEGAL_COMMAND
            if index in _OF_IO_CARDS:
                self.place.report(f"{self.name}: CMD{index} is for an I/O card: this one is a memory")
        return answer or b""

    def _identify(self, index: int, argument: int) -> bytes | None:
        """Commands that lead to an address; None: not in this state."""
        state, is_mine = self._state, argument >> 16 == ADDRESS
        match index:
            case 0:
                self._power_on()
                return b""
            case 8 if state == State.IDLE:
                return _framed(8, argument & 0xFFF) if argument >> 8 & 0xF == 1 else b""
            case 55 if state == State.IDLE or is_mine:
                self._is_application = True
                return self._status(55)
            case 2 if state == State.READY:
                self._state = State.IDENTIFICATION
                return bytes((LONG,)) + self.cid
            case 3 if state in (State.IDENTIFICATION, State.STANDBY):
                told = self._take_errors()
                bits = (told >> 8 & 0xC000) | (told >> 6 & 0x2000) | (state << 9 | READY_FOR_DATA)
                self._state = State.STANDBY
                return _framed(3, ADDRESS << 16 | bits)
            case 7 if state >= State.STANDBY:
                return self._select(is_mine)
            case 9 | 10 if state == State.STANDBY and is_mine:
                return bytes((LONG,)) + (self.csd if index == 9 else self.cid)
            case 13 if state >= State.STANDBY and is_mine:
                return self._status(13)
        return None

    def _select(self, is_mine: bool) -> bytes | None:
        if not is_mine:
            chosen = {State.TRANSFER: State.STANDBY, State.SENDING: State.STANDBY}
            chosen[State.PROGRAMMING] = State.DISCONNECTED
            self._state = chosen.get(self._state, self._state)
            return b""
        answer = self._status(7)
        if self._state == State.STANDBY:
            self._state = State.TRANSFER
        elif self._state == State.DISCONNECTED:
            self._state = State.PROGRAMMING
        else:
            return None
        return answer

    def _access(self, index: int, argument: int) -> bytes | None:
        """Commands of a card that is selected; None: not in this state."""
        if index == 12 and self._state in (State.SENDING, State.RECEIVING):
            answer = self._status(12)
            is_busy = self._programming.due_ns is not None
            self._state = State.PROGRAMMING if is_busy else State.TRANSFER
            return answer
        if index not in _OF_SELECTED or self._state != State.TRANSFER:
            return None
        if index == 16 and argument != BLOCK and not self.high_capacity:
            self._errors |= BLOCK_LENGTH_ERROR
        if index in _TRANSFERS and self.is_between_blocks(argument):
            self._errors |= ADDRESS_ERROR
            return self._status(index)
        if index in _TRANSFERS and self.number_of(argument) is None:
            self._errors |= OUT_OF_RANGE
            return self._status(index)
        answer = self._status(index)
        self._carry_out(index, argument)
        return answer

    def _carry_out(self, index: int, argument: int) -> None:
        match index:
            case 6:
                self._send(self.switch(argument))
            case 17 | 18 | 24 | 25:
                self._begin(index, self.number_of(argument) or 0)
            case 23:
                self._announced = argument & 0xFFFF
            case 32:
                self._erase_from = argument
            case 33:
                self._erase_to = argument
            case 38:
                self.erase()
                self._program()

    def _application(self, index: int, argument: int) -> bytes | None:
        """Commands behind command 55; None: there is none of that number in this state."""
        if index == 41 and self._state == State.IDLE:
            return self._start(argument)
        if self._state != State.TRANSFER:
            return None
        if index not in _OF_APPLICATIONS:
            return None
        answer = self._status(index, APPLICATION)
        match index:
            case 6:
                self._lines = 4 if argument & 3 == 2 else 1
            case 13:
                self._send(self.status(self._lines))
            case 22:
                self._send(self._written.to_bytes(4, "big"))
            case 51:
                self._send(self.scr)
        return answer

    def _start(self, argument: int) -> bytes:
        """Tell the operation conditions; a host that cannot do with high capacity waits for ever."""
        suits = bool(argument & HIGH_CAPACITY) or not self.high_capacity
        if suits and argument & self.ocr & 0xFF_FFFF:
            self._polls += 1
        if self._polls < POLLS_TO_START:
            return _open_framed(self.ocr & ~HIGH_CAPACITY)
        self._state = State.READY
        return _open_framed(self.ocr | STARTED)

    def _begin(self, index: int, number: int) -> None:
        self._number, self._is_many = number, index in (18, 25)
        self._blocks_left, self._announced = self._announced, None
        self._written = 0
        self._state = State.SENDING if index in (17, 18) else State.RECEIVING

    def _send(self, register: bytes) -> None:
        self._register, self._state = register, State.SENDING

    def read(self, size_bytes: int, lines: int) -> bytes:
        """Give a register, or the next block."""
        if not self.inserted or self._state != State.SENDING:
            return b""
        data = self._next()
        return data if self._fits(lines) else data[:1]

    def _next(self) -> bytes:
        if self._register:
            data, self._register = self._register, b""
            self._state = State.TRANSFER
            return data
        data = self.block(self._number)
        if not data:
            self._errors |= OUT_OF_RANGE
        self._advance()
        if self._is_over():
            self._state = State.TRANSFER
        return data

    def write(self, data: bytes, lines: int) -> int:
        """Take a block."""
        if not self.inserted or self._state != State.RECEIVING:
            return NOBODY
        if len(data) != BLOCK or not self._fits(lines) or self._number >= self.blocks:
            return REFUSED
        self.store(self._number, data)
        self._written += 1
        self._advance()
        self._program()
        return ACCEPTED

    def _advance(self) -> None:
        self._number += 1
        if self._blocks_left:
            self._blocks_left -= 1

    def _is_over(self) -> bool:
        return not self._is_many or self._blocks_left == 0

    def _program(self) -> None:
        if self._state == State.TRANSFER or self._is_over():
            self._state = State.PROGRAMMING
        self._programming.schedule(1_000 * self.write_us)

    def _programmed(self) -> None:
        if self._state == State.PROGRAMMING:
            self._state = State.TRANSFER
        elif self._state == State.DISCONNECTED:
            self._state = State.STANDBY

    def busy_ns(self) -> int:
        """How much longer it programs."""
        due_ns = self._programming.due_ns
        return 0 if due_ns is None or not self.inserted else max(due_ns - self.place.clock.now_ns, 0)

    def _fits(self, lines: int) -> bool:
        """Whether the host uses the lines that the card does; if not, a block looks damaged."""
        if lines == self._lines and (lines == 1 or self.has_four_lines):
            return True
        wired = 4 if self.has_four_lines else 1
        self.place.report(
            f"{self.name}: the host uses {lines} data lines, the card {self._lines}, and {wired} are there"
        )
        return False

    def _take_errors(self) -> int:
        errors, self._errors = self._errors, 0
        return errors

    def _status(self, index: int, also: int = 0) -> bytes:
        """Tell the card status, which forgets the errors of before."""
        errors = self._take_errors()
        is_ready = self._programming.due_ns is None
        also |= APPLICATION if self._is_application else 0
        return _framed(index, errors | self._state << 9 | (READY_FOR_DATA if is_ready else 0) | also)


def _framed(index: int, content: int) -> bytes:
    frame = bytes((index,)) + content.to_bytes(4, "big")
    return frame + bytes((crc7(frame) << 1 | 1,))


def _open_framed(content: int) -> bytes:
    """A response without number and checksum."""
    return bytes((LONG,)) + content.to_bytes(4, "big") + b"\xff"
