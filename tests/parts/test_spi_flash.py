"""Serial flash alone: transactions as the P25Q data sheet has them, whole and bit by bit."""

from __future__ import annotations

import pytest
from support.parts import Bench, spi_transfer

from emu.parts.spi_flash import SpiFlash
from emu.parts.spi_wires import SpiWires

ERASE_NS = 4_000_000


@pytest.fixture
def bench() -> Bench:
    return Bench("select", "sck", "mosi", "miso")


@pytest.fixture
def flash(bench: Bench) -> SpiFlash:
    return bench.attach(SpiFlash())


def bit_by_bit(bench: Bench, *data: int, count: int = 0) -> bytes:
    """The same as `spi_transfer`, by levels on the wires."""
    pins, answer = bench.pins, []
    pins["sck"].write(0)
    pins["select"].write(0)
    for byte in (*data, *bytes(count)):
        received = 0
        for bit in range(7, -1, -1):
            pins["mosi"].write(byte >> bit & 1)
            pins["sck"].write(1)
            received = received << 1 | pins["miso"].level
            pins["sck"].write(0)
        answer.append(received)
    pins["select"].write(1)
    return bytes(answer[len(data) :])


@pytest.mark.parametrize("by_bits", [False, True])
def test_identity_program_and_reads(bench: Bench, flash: SpiFlash, by_bits: bool) -> None:
    wires = SpiWires(flash) if by_bits else None

    def transfer(*data: int, count: int = 0) -> bytes:
        return (
            bit_by_bit(bench, *data, count=count) if wires else spi_transfer(bench, flash, *data, count=count)
        )

    assert transfer(0x9F, count=3).hex() == "856015"
    transfer(0x06)
    transfer(0x02, 0, 0x01, 0xFE, 1, 2, 3)
    assert transfer(0x05, count=2) == b"\x03\x03"
    bench.clock.advance(ERASE_NS)
    assert transfer(0x05, count=1) == b"\x00"
    assert transfer(0x03, 0, 0x01, 0xFD, count=4) == b"\xff\x01\x02\xff"
    assert transfer(0x0B, 0, 0x01, 0x00, 0xAA, count=1) == b"\x03"  # the page has wrapped


def test_without_the_latch_nothing_is_programmed(bench: Bench, flash: SpiFlash) -> None:
    spi_transfer(bench, flash, 0x02, 0, 0, 0, 1)
    assert spi_transfer(bench, flash, 0x03, 0, 0, 0, count=1) == b"\xff"


def test_what_it_does_not_know_is_told(bench: Bench, flash: SpiFlash) -> None:
    spi_transfer(bench, flash, 0x77)
    assert bench.reports == ["part: unknown command"]


def test_a_snapshot_holds_the_array_and_a_read_under_way(bench: Bench, flash: SpiFlash) -> None:
    flash.flash.load(0, b"abcdef")
    bench.pins["select"].write(0)
    flash.exchange(bytes((3, 0, 0, 0, 0)))
    saved = flash.save()
    bench.pins["select"].write(1)
    flash.flash.load(0, b"uvwxyz")
    flash.restore(saved)
    assert flash.exchange(bytes(3)) == b"bcd"
