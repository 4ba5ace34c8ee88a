"""Radio transceiver nRF24L01+, with somebody at the other end. Source: Nordic, product specification 1.0."""

from __future__ import annotations

from typing import ClassVar, Final

from emu.parts.part import stimulus
from emu.parts.setting import Quantity
from emu.parts.spi_bus import SpiPart
from peripherals.framework.deadline import Deadline

CONFIG, EN_AA, EN_RXADDR, SETUP_AW, SETUP_RETR, RF_CH, RF_SETUP, STATUS, OBSERVE_TX = range(9)
RX_ADDR_P0, TX_ADDR, RX_PW_P0, FIFO_STATUS, DYNPD, FEATURE = 0x0A, 0x10, 0x11, 0x17, 0x1C, 0x1D
PRIM_RX, PWR_UP = 1 << 0, 1 << 1
"""Bits of CONFIG."""
RX_DR, TX_DS, MAX_RT, TX_FULL = 1 << 6, 1 << 5, 1 << 4, 1 << 0
"""Bits of STATUS, of which CONFIG masks the first three at the same places."""
EVENTS: Final = RX_DR | TX_DS | MAX_RT
EN_DPL, EN_ACK_PAY = 1 << 2, 1 << 1
"""Bits of FEATURE."""
R_RX_PAYLOAD, R_RX_PL_WID, W_TX_PAYLOAD, W_TX_PAYLOAD_NO_ACK = 0x61, 0x60, 0xA0, 0xB0
W_ACK_PAYLOAD, FLUSH_TX, FLUSH_RX, REUSE_TX_PL = 0xA8, 0xE1, 0xE2, 0xE3
FIFO_DEPTH, PAYLOAD_BYTES, PIPES = 3, 32, 6
AWAKE_NS, SETTLE_NS, RETRY_STEP_NS = 1_500_000, 130_000, 250_000
"""From power down to standby, from there to sending or receiving; the unit of the delay of a retry."""
NO_PIPE = 7
WITH_ACKNOWLEDGEMENT, WITHOUT_ACKNOWLEDGEMENT = -1, -2
"""What a payload is sent with; another number: it goes along with an acknowledgement, by that pipe."""
KEPT = 256
PEERS: Final = ("nobody", "listener", "echo")
_RESET: Final = {
    **{CONFIG: 0x08, EN_AA: 0x3F, EN_RXADDR: 0x03, SETUP_AW: 0x03},
    **{SETUP_RETR: 0x03, RF_CH: 0x02, RF_SETUP: 0x0E},
    **{OBSERVE_TX: 0, 0x09: 0, 0x0C: 0xC3, 0x0D: 0xC4, 0x0E: 0xC5, 0x0F: 0xC6, DYNPD: 0, FEATURE: 0},
    **dict.fromkeys(range(RX_PW_P0, RX_PW_P0 + PIPES), 0),
}
_WRITABLE: Final = {
    **{CONFIG: 0x7F, EN_AA: 0x3F, EN_RXADDR: 0x3F, SETUP_AW: 0x03, RF_CH: 0x7F, RF_SETUP: 0xBF},
    **{OBSERVE_TX: 0, 0x09: 0, DYNPD: 0x3F, FEATURE: 0x07},
    **dict.fromkeys(range(RX_PW_P0, RX_PW_P0 + PIPES), 0x3F),
}
"""The bits of a register that can be written; all, if it is not here."""
_ADDRESSES: Final = {RX_ADDR_P0: b"\xe7" * 5, RX_ADDR_P0 + 1: b"\xc2" * 5, TX_ADDR: b"\xe7" * 5}
"""The registers of up to 5 bytes, the low one first."""


class Nrf24l01(SpiPart):
    """Registers, queues of payloads, times and the IRQ pin; what is on the air is modelled as its `peer`."""

    kind = "nrf24l01"
    clock_modes = (0,)
    wires: ClassVar[tuple[str, ...]] = ("sck", "ce")
    optional_wires: ClassVar[tuple[str, ...]] = (*SpiPart.optional_wires, "irq")
    saved_state = (
        *("sent", "_registers", "_addresses", "_events", "_tx", "_rx", "_echoes", "_is_reused"),
        *("_command", "_taken", "_out", "_attempts", "_awake_ns", "_on_air"),
    )
    peer = Quantity("echo", "who is at the other end: an echo also sends back", choices=PEERS)

    def _connect(self) -> None:
        self._on_air = Deadline(self.place.clock, self._finish)
        self.place.wires["ce"].on_change(lambda _: self._proceed())

    def _power_on(self) -> None:
        self.sent: list[bytes] = []
        """The payloads that have arrived at the other end, the latest last; at most 256."""
        self._registers, self._addresses = dict(_RESET), dict(_ADDRESSES)
        self._events = 0
        self._tx: list[tuple[bytes, int]] = []  # with what it is sent with
        self._rx: list[tuple[bytes, int]] = []  # with the pipe
        self._echoes: list[bytes] = []
        self._is_reused = False
        self._attempts = self._awake_ns = 0
        self._on_air.cancel()
        self.select()
        self._tell_irq()

    def select(self) -> None:
        """Begin with a command."""
        self._command: int | None = None
        self._taken = self._out = b""

    def deselect(self) -> None:
        """Carry out what takes data, and what is over with what has been read."""
        command, data = self._command, self._taken
        self.select()
        if command is None:
            return
        if command >> 5 == 1:
            self._write_register(command & 0x1F, data)
        elif command == W_TX_PAYLOAD:
            self._queue(data, WITH_ACKNOWLEDGEMENT)
        elif command == W_TX_PAYLOAD_NO_ACK:
            self._queue(data, WITHOUT_ACKNOWLEDGEMENT)
        elif command & 0xF8 == W_ACK_PAYLOAD:
            self._queue(data, command & 7)
        elif command == R_RX_PAYLOAD and data:
            del self._rx[:1]
        elif command == FLUSH_TX:
            self._tx.clear()
            self._is_reused = False
        elif command == FLUSH_RX:
            self._rx.clear()
        elif command == REUSE_TX_PL:
            self._is_reused = True
        self._proceed()

    def reply(self) -> int:
        """Give STATUS first, then what the command reads."""
        if self._command is None:
            return self._status
        byte, self._out = (self._out[:1] or b"\0")[0], self._out[1:]
        return byte

    def take(self, byte: int) -> None:
        """Take the command, then its data."""
        if self._command is not None:
            self._taken += bytes((byte,))
            return
        self._command = byte
        if byte < 0x20:
            self._out = self._read_register(byte)
        elif byte == R_RX_PAYLOAD and self._rx:
            self._out = self._rx[0][0]
        elif byte == R_RX_PL_WID:
            self._out = bytes((len(self._rx[0][0]) if self._rx else 0,))

    @property
    def _status(self) -> int:
        pipe = self._rx[0][1] if self._rx else NO_PIPE
        return self._events | pipe << 1 | (TX_FULL if len(self._tx) == FIFO_DEPTH else 0)

    @property
    def _fifo_status(self) -> int:
        def bits(count: int) -> int:
            return (count == FIFO_DEPTH) << 1 | (count == 0)

        return self._is_reused << 6 | bits(len(self._tx)) << 4 | bits(len(self._rx))

    def _read_register(self, number: int) -> bytes:
        if number in self._addresses:
            return self._addresses[number]
        if number == STATUS:
            return bytes((self._status,))
        if number == FIFO_STATUS:
            return bytes((self._fifo_status,))
        return bytes((self._registers.get(number, 0),))

    def _write_register(self, number: int, data: bytes) -> None:
        if not data:
            return
        if number in self._addresses:
            self._addresses[number] = data[:5] + self._addresses[number][len(data) :]
        elif number == STATUS:
            self._events &= ~data[0]
        elif number in self._registers:
            before, mask = self._registers[number], _WRITABLE.get(number, 0xFF)
            self._registers[number] = data[0] & mask
            if number == CONFIG and data[0] & ~before & PWR_UP:
                self._awake_ns = self.place.clock.now_ns + AWAKE_NS
            elif number == RF_CH:
                self._registers[OBSERVE_TX] &= 0x0F

    def _queue(self, payload: bytes, sent_with: int) -> None:
        if payload and len(self._tx) < FIFO_DEPTH:
            self._tx.append((payload[:PAYLOAD_BYTES], sent_with))

    @property
    def _is_active(self) -> bool:
        is_powered = bool(self._registers[CONFIG] & PWR_UP)
        return is_powered and self.place.wires["ce"].level

    @property
    def _is_receiver(self) -> bool:
        return bool(self._registers[CONFIG] & PRIM_RX)

    def _proceed(self) -> None:
        """Send the next payload, or hear the next echo, when its time has come."""
        self._tell_irq()
        if not self._is_active or self._on_air.due_ns is not None:
            return
        if self._is_receiver:
            if self._echoes:
                self._go_on_air(self._echoes[0])
        elif self._tx and not self._events & MAX_RT:
            self._attempts = 0
            self._go_on_air(self._tx[0][0])

    def _go_on_air(self, payload: bytes, delay_ns: int = 0) -> None:
        asleep_ns = max(self._awake_ns - self.place.clock.now_ns, 0)
        self._on_air.schedule(max(asleep_ns, delay_ns) + SETTLE_NS + self._air_ns(payload))

    def _air_ns(self, payload: bytes) -> int:
        """How long a packet takes: preamble, address, 9 bits of control, payload, checksum (7.3)."""
        setup = self._registers[RF_SETUP]
        bit_ns = 4_000 if setup & 1 << 5 else 500 if setup & 1 << 3 else 1_000
        address_bytes = self._registers[SETUP_AW] + 2
        checksum_bytes = 2 if self._registers[CONFIG] & 1 << 2 else 1
        return (8 * (1 + address_bytes + len(payload) + checksum_bytes) + 9) * bit_ns

    def _finish(self) -> None:
        """See what has become of the packet."""
        if self._is_receiver:
            if self._echoes and self._is_active:
                pipe = 1 if self._registers[EN_RXADDR] & 1 << 1 else 0
                self._hear(self._echoes.pop(0), pipe)
        elif self._tx:
            payload, sent_with = self._tx[0]
            needs_answer = sent_with == WITH_ACKNOWLEDGEMENT and self._registers[EN_AA] & 1
            if self.peer != "nobody" or not needs_answer:
                self._arrived(payload)
            elif self._attempts < self._registers[SETUP_RETR] & 0xF:
                self._attempts += 1
                self._go_on_air(payload, ((self._registers[SETUP_RETR] >> 4) + 1) * RETRY_STEP_NS)
                return
            else:
                self._observe(lost=1)
                self._events |= MAX_RT
        self._proceed()

    def _arrived(self, payload: bytes) -> None:
        if self.peer != "nobody":
            self._keep(payload)
        if self.peer == "echo":
            self._echoes = [*self._echoes, payload][-FIFO_DEPTH:]
        if not self._is_reused:
            del self._tx[:1]
        self._observe(lost=0)
        self._events |= TX_DS

    def _keep(self, payload: bytes) -> None:
        self.sent.append(payload)
        del self.sent[:-KEPT]

    def _observe(self, lost: int) -> None:
        count = min((self._registers[OBSERVE_TX] >> 4) + lost, 15)
        self._registers[OBSERVE_TX] = count << 4 | self._attempts

    @stimulus
    def receive(self, payload: bytes, pipe: int) -> None:
        """Have a payload arrive at a pipe, now; it is lost unless the firmware listens."""
        if self._is_active and self._is_receiver:
            self._hear(payload, pipe)

    def _hear(self, payload: bytes, pipe: int) -> None:
        """Queue a payload in the width that the pipe has, and send what goes with its acknowledgement."""
        if not self._registers[EN_RXADDR] >> pipe & 1 or len(self._rx) == FIFO_DEPTH:
            return
        is_dynamic = self._registers[FEATURE] & EN_DPL and self._registers[DYNPD] >> pipe & 1
        width = len(payload) if is_dynamic else self._registers[RX_PW_P0 + pipe]
        if not width:
            return
        self._rx.append((payload[:width].ljust(width, b"\0"), pipe))
        self._events |= RX_DR
        answer = next((each for each in self._tx if each[1] == pipe), None)
        if answer is not None and self._registers[FEATURE] & EN_ACK_PAY:
            self._tx.remove(answer)
            self._keep(answer[0])
            self._events |= TX_DS
        self._tell_irq()

    def _tell_irq(self) -> None:
        if (irq := self.place.wires.get("irq")) is not None:
            irq.drive(not self._events & EVENTS & ~self._registers[CONFIG])
