"""Thermometer on one wire. Source: Maxim, DS18B20 data sheet 19-7487 (1-Wire signalling, commands)."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.checksum import crc8_reflected
from emu.parts.part import Part
from emu.parts.setting import Quantity, Setting
from peripherals.framework.deadline import Deadline

US = 1000
RESET_NS = 432 * US
"""GUESS: 480 us of the data sheet, less a tenth: a timer that counts 480 us may stop at 479."""
PRESENCE_AFTER_NS, PRESENCE_NS = 30 * US, 120 * US
SAMPLE_NS = 30 * US
"""Behind the falling edge: a 1 is low for at most 15 us, a 0 for at least 60 us."""
HOLD_NS = 30 * US
"""How long a 0 of the part lasts in a read slot."""
CONVERSION_NS = 93_750_000
"""With 9 bits; each further bit doubles it."""
SEARCH, READ_ROM, MATCH, SKIP, ALARM_SEARCH = 0xF0, 0x33, 0x55, 0xCC, 0xEC
CONVERT, WRITE, READ, COPY, RECALL, POWER = 0x44, 0x4E, 0xBE, 0x48, 0xB8, 0xB4
CRC_POLYNOMIAL = 0x8C
FAMILY = 0x28
ROM_BITS = 64


class Ds18b20(Part):
    """Measures `celsius` at a command; several can share a wire and be told apart by their serial numbers."""

    kind = "ds18b20"
    wires: ClassVar[tuple[str, ...]] = ("data",)
    saved_state = ("_level_since_ns", "_state", "_bits", "_out", "_scratchpad", "_stored", "_searched",
                   "_timer", "_event", "_conversion", "_is_alarmed")  # fmt: skip
    serial = Setting(0x0000_0123_4567, "its 48 bits", within=(0, (1 << 48) - 1))
    celsius = Quantity(25.0, "the temperature", within=(-55, 125))

    def _connect(self) -> None:
        self._wire = self.place.wires["data"]
        self._wire.pull(True)
        self._wire.on_change(self._changed)
        self._timer = Deadline(self.place.clock, self._timed)
        self._conversion = Deadline(self.place.clock, self._convert)
        self._stored = bytes((0x4B, 0x46, 0x7F))

    def _power_on(self) -> None:
        self._scratchpad = bytes((0x50, 0x05)) + self._stored + bytes((0xFF, 0x0C, 0x10))  # 85 degrees
        self._level_since_ns = 0
        self._state = "idle"
        self._event = ""
        self._bits: list[int] = []
        self._out: list[int] = []
        self._searched = 0
        self._is_alarmed = False
        self._timer.cancel()
        self._conversion.cancel()
        self._wire.sink(False)

    @property
    def rom(self) -> bytes:
        """Family, serial number and checksum, as they are sent."""
        data = bytes((FAMILY,)) + self.serial.to_bytes(6, "little")
        return data + bytes((crc8_reflected(data, polynomial=CRC_POLYNOMIAL),))

    def _changed(self, is_high: bool) -> None:
        now_ns = self.place.clock.now_ns
        if self._event in ("answer", "presence", "hold"):
            return  # this is the part itself, or another one that answers, too
        since_ns, self._level_since_ns = now_ns - self._level_since_ns, now_ns
        if is_high and since_ns >= RESET_NS:
            self._state, self._bits, self._out = "rom", [], []
            self._expect("answer", PRESENCE_AFTER_NS)
        elif not is_high and self._state != "idle":
            if self._out:
                if not self._out.pop(0):
                    self._wire.sink(True)
                    self._expect("hold", HOLD_NS)
                    return
                self._expect("", 0)
                if not self._out:
                    self._sent()
            else:
                self._expect("sample", SAMPLE_NS)

    def _expect(self, event: str, delay_ns: int) -> None:
        self._event = event
        if event:
            self._timer.schedule(delay_ns)

    def _timed(self) -> None:
        event, self._event = self._event, ""
        match event:
            case "answer":
                self._event = "presence"
                self._wire.sink(True)
                self._timer.schedule(PRESENCE_NS)
            case "presence" | "hold":
                self._event = event  # what changes now is the part's own doing
                self._wire.sink(False)
                self._event = ""
                self._level_since_ns = self.place.clock.now_ns
                if event == "hold" and not self._out:
                    self._sent()
            case "sample":
                self._take(int(self._wire.level))

    def _take(self, bit: int) -> None:
        self._bits.append(bit)
        if self._state == "search":
            self._compare(bit)
        elif self._state == "match":
            if len(self._bits) == ROM_BITS:
                self._state = "function" if _bytes(self._bits) == self.rom else "idle"
                self._bits = []
        elif self._state == "write":
            if len(self._bits) == 24:
                self._scratchpad = self._scratchpad[:2] + _bytes(self._bits) + self._scratchpad[5:]
                self._state = "idle"
        elif len(self._bits) == 8:
            [command], self._bits = _bytes(self._bits), []
            self._command(command)

    def _command(self, command: int) -> None:
        if self._state == "rom":
            self._state = {SKIP: "function", MATCH: "match"}.get(command, "idle")
            if command == READ_ROM:
                self._send(self.rom, "function")
            elif command == SEARCH or (command == ALARM_SEARCH and self._is_alarmed):
                self._searched = 0
                self._offer()
        else:
            self._state = "write" if command == WRITE else "idle"
            if command == READ:
                check = crc8_reflected(self._scratchpad, polynomial=CRC_POLYNOMIAL)
                self._send(self._scratchpad + bytes((check,)), "idle")
            elif command == CONVERT:
                resolution = self._scratchpad[4] >> 5 & 3
                self._conversion.schedule(CONVERSION_NS << resolution)
                self._state = "busy"
                self._out = [0]
            elif command == COPY:
                self._stored = self._scratchpad[2:5]
            elif command == RECALL:
                self._scratchpad = self._scratchpad[:2] + self._stored + self._scratchpad[5:]
            elif command == POWER:
                self._out, self._state = [1], "sending to idle"

    def _send(self, data: bytes, then: str) -> None:
        self._out = [byte >> bit & 1 for byte in data for bit in range(8)]
        self._state = f"sending to {then}"

    def _sent(self) -> None:
        """Go on behind the last bit that was to be read."""
        if self._state == "busy":
            self._out = [int(self._conversion.due_ns is None)]
        elif self._state == "offering":
            self._state, self._bits = "search", []
        else:
            self._state = self._state.removeprefix("sending to ")

    def _offer(self) -> None:
        """Send the next bit of the serial number, and its opposite: the wire is the and of all parts."""
        bit = self._bit_of_rom(self._searched)
        self._out, self._state = [bit, 1 - bit], "offering"

    def _compare(self, bit: int) -> None:
        if bit != self._bit_of_rom(self._searched):
            self._state = "idle"
            return
        self._searched += 1
        if self._searched < ROM_BITS:
            self._offer()
        else:
            self._state, self._bits = "function", []

    def _bit_of_rom(self, place: int) -> int:
        return self.rom[place // 8] >> place % 8 & 1

    def _convert(self) -> None:
        unused_bits = 3 - (self._scratchpad[4] >> 5 & 3)
        counts = round(self.celsius * 16) >> unused_bits << unused_bits
        self._scratchpad = (counts & 0xFFFF).to_bytes(2, "little") + self._scratchpad[2:]
        highest, lowest = (int.from_bytes(self._scratchpad[n : n + 1], signed=True) for n in (2, 3))
        self._is_alarmed = not lowest < counts >> 4 < highest
        if self._state == "busy":
            self._out = [1]


def _bytes(bits: list[int]) -> bytes:
    """Bits, the low one of each byte first."""
    return sum(bit << place for place, bit in enumerate(bits)).to_bytes(len(bits) // 8, "little")
