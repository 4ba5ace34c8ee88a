"""The radio's registers as the radio library uses them, each block alone."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.radio.base_band import BaseBand
from peripherals.radio.rf_spi import RfSpi
from peripherals.radio.wlan_mac import WlanMac

START_DC_CALIBRATION = 1 << 24
DC_CALIBRATED = 1 << 20
INTERRUPT_MASK, DONE, BUSY = 1 << 16, 1 << 17, 1 << 18


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def rf_spi(world: FakeWorld, irq: FakeLine) -> RfSpi:
    return RfSpi("rf_spi", world.environment, irq)


@pytest.fixture
def mac(world: FakeWorld, irq: FakeLine) -> WlanMac:
    return WlanMac("wlan_mac", world.environment, irq)


def transfer(rf_spi: RfSpi, command: int) -> int:
    rf_spi.write(rf_spi.command.offset, command)
    rf_spi.write(rf_spi.start.offset, 1)
    return rf_spi.read(rf_spi.answer.offset) >> 16


def test_the_dc_calibration_stays_done_when_the_start_bit_goes_back(world: FakeWorld) -> None:
    base_band = BaseBand("base_band", world.environment)
    assert base_band.read(base_band.status.offset) == 0
    for bits in (0x2_D024, 0x2_D024 | START_DC_CALIBRATION, 0x2_D024):
        base_band.write(base_band.dc_calibration.offset, bits)
    assert base_band.read(base_band.status.offset) == DC_CALIBRATED


def test_a_register_of_the_analog_radio_reads_back(rf_spi: RfSpi) -> None:
    transfer(rf_spi, 20 << 27 | 0xBEEF << 10)
    transfer(rf_spi, 21 << 27 | 0x1234 << 10)
    assert transfer(rf_spi, 20 << 27 | 1 << 26) == 0xBEEF
    assert transfer(rf_spi, 21 << 27 | 1 << 26) == 0x1234


def test_a_transfer_is_over_at_once(rf_spi: RfSpi) -> None:
    transfer(rf_spi, 0)
    assert rf_spi.read(rf_spi.clock.offset) & (BUSY | DONE) == DONE


def test_the_end_of_a_transfer_interrupts_unless_masked(rf_spi: RfSpi, irq: FakeLine) -> None:
    rf_spi.write(rf_spi.clock.offset, INTERRUPT_MASK)
    transfer(rf_spi, 0)
    assert not irq.is_high()
    rf_spi.write(rf_spi.clock.offset, 0)
    assert irq.is_high()
    rf_spi.write(rf_spi.clock.offset, DONE)
    assert not irq.is_high()


def test_nothing_is_transferred_without_the_start_bit(rf_spi: RfSpi) -> None:
    rf_spi.write(rf_spi.command.offset, 3 << 27 | 0x55 << 10)
    rf_spi.write(rf_spi.start.offset, 0)
    assert transfer(rf_spi, 3 << 27 | 1 << 26) == 0


def test_a_snapshot_holds_the_analog_radio(rf_spi: RfSpi) -> None:
    transfer(rf_spi, 5 << 27 | 0x77 << 10)
    snapshot = rf_spi.save()
    transfer(rf_spi, 5 << 27)
    rf_spi.restore(snapshot)
    assert transfer(rf_spi, 5 << 27 | 1 << 26) == 0x77


def test_the_beacon_time_counts_microseconds_from_what_was_written(world: FakeWorld, mac: WlanMac) -> None:
    world.clock.advance(5_000_000)
    assert mac.read(mac.time_low.offset) == 5_000
    mac.write(mac.time_high.offset, 1)
    mac.write(mac.time_low.offset, 0xFFFF_FFFF)
    assert (mac.read(mac.time_high.offset), mac.read(mac.time_low.offset)) == (1, 0xFFFF_FFFF)
    world.clock.advance(1_000)
    assert (mac.read(mac.time_high.offset), mac.read(mac.time_low.offset)) == (2, 0)


def test_addresses_of_the_station_read_back(mac: WlanMac) -> None:
    mac.write(mac.station_address[0].offset, 0x0000_8002)
    assert mac.read(mac.station_address[0].offset) == 0x0000_8002
