"""The transceiver alone: sequences of the product specification, chapters 6 to 9."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts import Nrf24l01, PartError

SETTLE_NS, AWAKE_NS = 130_000, 1_500_000
AIR_NS = (8 * (1 + 5 + 4 + 1) + 9) * 500
"""Of a payload of 4 bytes at 2 Mbit/s with a checksum of one."""
RX_DR, TX_DS, MAX_RT = 0x40, 0x20, 0x10
TRANSMIT, RECEIVE = 0x0A, 0x0B


class Radio:
    def __init__(self, **settings: str) -> None:
        self.bench = Bench("sck", "select", "ce", "irq")
        for role, level in (("select", 1), ("ce", 0)):
            self.bench.pins[role].write(level)
        self.part = self.bench.attach(Nrf24l01(**settings))

    def command(self, *sent: int, count: int = 0) -> bytes:
        """What comes back, STATUS first."""
        self.bench.pins["select"].write(0)
        answer = self.part.exchange(bytes(sent) + b"\xff" * count)
        self.bench.pins["select"].write(1)
        return answer

    def set(self, number: int, *values: int) -> None:
        self.command(0x20 | number, *values)

    def get(self, number: int, count: int = 1) -> bytes:
        return self.command(number, count=count)[1:]

    @property
    def status(self) -> int:
        return self.command(0xFF)[0]

    def enable(self, level: int) -> None:
        self.bench.pins["ce"].write(level)

    def wake(self, config: int) -> None:
        self.set(0, config)
        self.bench.clock.advance(AWAKE_NS)

    def pass_ns(self, duration_ns: int) -> None:
        self.bench.clock.advance(duration_ns)

    def is_asking(self) -> bool:
        return not self.bench.pins["irq"].level


@pytest.fixture
def radio() -> Radio:
    return Radio()


def test_registers_after_power_on(radio: Radio) -> None:
    """Table 28."""
    found = [radio.get(number)[0] for number in range(10)]
    assert found == [0x08, 0x3F, 0x03, 0x03, 0x03, 0x02, 0x0E, 0x0E, 0, 0]
    assert [radio.get(number, 5).hex() for number in (0x0A, 0x0B, 0x10)] == ["e7" * 5, "c2" * 5, "e7" * 5]
    assert [radio.get(number)[0] for number in range(0x0C, 0x10)] == [0xC3, 0xC4, 0xC5, 0xC6]
    assert [radio.get(number)[0] for number in (0x11, 0x16, 0x17, 0x1C, 0x1D)] == [0, 0, 0x11, 0, 0]


def test_registers_keep_the_bits_that_there_are(radio: Radio) -> None:
    radio.set(0x05, 0xFF)
    radio.set(0x10, 1, 2, 3)
    radio.set(0x17, 0xFF)
    assert (radio.get(0x05), radio.get(0x10, 5), radio.get(0x17)) == (b"\x7f", b"\1\2\3\xe7\xe7", b"\x11")
    radio.part.power_on()
    assert radio.get(0x05) == b"\x02"


def test_a_payload_is_sent_and_acknowledged(radio: Radio) -> None:
    radio.wake(TRANSMIT)
    radio.command(0xA0, *b"ping")
    assert radio.get(0x17) == b"\x01"
    radio.enable(1)
    radio.pass_ns(10_000)
    radio.enable(0)
    radio.pass_ns(SETTLE_NS + AIR_NS - 10_000 - 1)
    assert (radio.status, radio.is_asking()) == (0x0E, False)
    radio.pass_ns(1)
    assert (radio.status, radio.is_asking(), radio.part.sent) == (0x0E | TX_DS, True, [b"ping"])
    radio.set(7, TX_DS)
    assert (radio.status, radio.is_asking(), radio.get(0x17)) == (0x0E, False, b"\x11")


def test_power_up_takes_its_time(radio: Radio) -> None:
    radio.set(0, TRANSMIT)
    radio.command(0xA0, *b"ping")
    radio.enable(1)
    radio.pass_ns(AWAKE_NS + SETTLE_NS + AIR_NS - 1)
    assert radio.part.sent == []
    radio.pass_ns(1)
    assert radio.part.sent == [b"ping"]


def test_events_that_are_masked_leave_the_pin_alone(radio: Radio) -> None:
    radio.wake(TRANSMIT | TX_DS)
    radio.command(0xA0, *b"ping")
    radio.enable(1)
    radio.pass_ns(1_000_000)
    assert (radio.status & TX_DS, radio.is_asking()) == (TX_DS, False)


def test_nobody_acknowledges() -> None:
    """7.4.2: 2 retries 500 us later, then MAX_RT, which stops all sending until it is taken back."""
    radio = Radio(peer="nobody")
    radio.set(4, 0x12)
    radio.wake(TRANSMIT)
    radio.command(0xA0, *b"ping")
    radio.enable(1)
    radio.pass_ns(3 * (SETTLE_NS + AIR_NS) + 2 * 500_000 - 1)
    assert radio.status & MAX_RT == 0
    radio.pass_ns(1)
    assert (radio.status & MAX_RT, radio.is_asking(), radio.get(8)) == (MAX_RT, True, b"\x12")
    radio.part.peer = "listener"
    radio.pass_ns(10_000_000)
    assert radio.part.sent == []
    radio.set(7, MAX_RT)
    radio.pass_ns(10_000_000)
    assert (radio.part.sent, radio.get(8)) == ([b"ping"], b"\x10")
    radio.set(5, 2)
    assert radio.get(8) == b"\x00"


def test_without_acknowledgements_nobody_is_needed() -> None:
    radio = Radio(peer="nobody")
    radio.wake(TRANSMIT)
    radio.command(0xB0, *b"lost")
    radio.enable(1)
    radio.pass_ns(1_000_000)
    assert (radio.status & TX_DS, radio.part.sent) == (TX_DS, [])


def test_three_payloads_wait(radio: Radio) -> None:
    radio.wake(TRANSMIT)
    for number in range(4):
        radio.command(0xA0, number)
    assert (radio.status & 1, radio.get(0x17)) == (1, b"\x21")
    radio.enable(1)
    radio.pass_ns(3 * (SETTLE_NS + AIR_NS))
    assert radio.part.sent == [b"\0", b"\1", b"\2"]
    radio.command(0xA0, 9)
    radio.enable(0)
    radio.command(0xE1)
    assert radio.get(0x17) == b"\x11"


def test_a_payload_is_used_again(radio: Radio) -> None:
    radio.wake(TRANSMIT)
    radio.command(0xA0, 7)
    radio.command(0xE3)
    assert radio.get(0x17)[0] & 0x40
    for _ in range(2):
        radio.enable(1)
        radio.pass_ns(SETTLE_NS + 1)
        radio.enable(0)
        radio.pass_ns(AIR_NS)
    assert radio.part.sent == [b"\7", b"\7"]


def test_an_echo_comes_back_to_who_listens(radio: Radio) -> None:
    radio.wake(TRANSMIT)
    radio.set(0x12, 4)
    radio.command(0xA0, *b"ping")
    radio.enable(1)
    radio.pass_ns(1_000_000)
    radio.enable(0)
    radio.set(7, TX_DS)
    radio.set(0, RECEIVE)
    radio.enable(1)
    radio.pass_ns(SETTLE_NS + AIR_NS)
    assert radio.status == RX_DR | 1 << 1
    assert radio.command(0x60, count=1)[1] == 4
    assert radio.command(0x61, count=4)[1:] == b"ping"
    assert (radio.status, radio.get(0x17)) == (RX_DR | 0x0E, b"\x11")


def test_a_payload_arrives_in_the_width_of_its_pipe(radio: Radio) -> None:
    radio.wake(RECEIVE)
    radio.set(2, 0b10_0011)
    radio.set(0x11, 2)
    radio.set(0x16, 8)
    radio.part.receive(b"deaf", 0)
    radio.enable(1)
    for pipe in (0, 5, 3, 1):  # 3 is not enabled, 1 has no width
        radio.part.receive(b"abcd", pipe)
    assert radio.status >> 1 & 7 == 0
    assert radio.command(0x61, count=2)[1:] == b"ab"
    assert radio.status >> 1 & 7 == 5
    assert radio.command(0x61, count=8)[1:] == b"abcd\0\0\0\0"
    assert radio.get(0x17)[0] & 1


def test_a_full_queue_loses_and_is_flushed(radio: Radio) -> None:
    radio.wake(RECEIVE)
    radio.set(0x12, 1)
    radio.enable(1)
    for number in range(5):
        radio.part.receive(bytes((number,)), 1)
    assert radio.get(0x17)[0] & 3 == 2
    assert [radio.command(0x61, count=1)[1] for _ in range(2)] == [0, 1]
    radio.command(0xE2)
    assert (radio.get(0x17)[0] & 3, radio.command(0x61, count=1)[1]) == (1, 0)


def test_a_payload_goes_with_an_acknowledgement(radio: Radio) -> None:
    """7.5.1: with EN_DPL and EN_ACK_PAY, for pipe 1."""
    radio.wake(RECEIVE)
    radio.set(0x1D, 0x06)
    radio.set(0x1C, 0x02)
    radio.command(0xA9, *b"back")
    radio.enable(1)
    radio.part.receive(b"question", 1)
    assert (radio.status, radio.part.sent) == (RX_DR | TX_DS | 1 << 1, [b"back"])
    assert radio.command(0x60, count=1)[1] == 8


def test_the_state_is_in_snapshots(radio: Radio) -> None:
    radio.wake(TRANSMIT)
    radio.command(0xA0, *b"ping")
    radio.enable(1)
    radio.pass_ns(100_000)
    snapshot = radio.part.save()
    radio.pass_ns(1_000_000)
    radio.command(0x25, 9)
    radio.part.restore(snapshot)
    assert (radio.part.sent, radio.status, radio.get(5)) == ([], 0x0E, b"\x02")


def test_there_are_three_kinds_of_peers() -> None:
    with pytest.raises(PartError, match="one of nobody, listener, echo is wanted, not 'everybody'"):
        Nrf24l01(peer="everybody")
