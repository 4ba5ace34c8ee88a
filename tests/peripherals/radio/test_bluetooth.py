"""The Bluetooth blocks as the SDK's controller uses them, each alone, with nobody around."""

from collections.abc import Callable

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.radio.bluetooth import Bluetooth
from peripherals.radio.bluetooth_le import EXCHANGE_MEMORY, BluetoothLe
from peripherals.radio.bluetooth_time import SLOT_NS, next_match
from peripherals.radio.exchange_memory import ADVERTISING_SLOTS, MOST_TIME, TABLE

ENABLE = 1 << 8
SCAN_ABORT = 1 << 24
EVENT_END, ENCRYPTED, GROSS_TARGET, FINE_TARGET = 1 << 3, 1 << 4, 1 << 6, 1 << 7
SHARED_GROSS_TARGET = 1 << 10
EVENT = 0x382
PASSIVE_SCAN, ADVERTISING = 8, 4


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def shared(world: FakeWorld, irq: FakeLine) -> Bluetooth:
    return Bluetooth("bluetooth", world.environment, irq)


@pytest.fixture
def le(world: FakeWorld, irq: FakeLine) -> BluetoothLe:
    block = BluetoothLe("bluetooth_le", world.environment, irq)
    block.write(block.control.offset, ENABLE)
    block.write(block.interrupt_mask.offset, EVENT_END)
    return block


def put(le: BluetoothLe, offset: int, halfword: int) -> None:
    le.write(EXCHANGE_MEMORY + offset, halfword, 2)


def entry(le: BluetoothLe, slot: int) -> int:
    return le.read(EXCHANGE_MEMORY + TABLE + 2 * slot, 2)


def schedule(le: BluetoothLe, slot: int, kind: int = PASSIVE_SCAN, slots: int = 0x40) -> None:
    put(le, EVENT, 0x1600 | kind)
    put(le, EVENT + MOST_TIME, slots)
    put(le, TABLE + 2 * slot, EVENT)


@pytest.mark.parametrize(
    ("now", "target", "low", "width", "expected"),
    [
        (5, 7, 0, 27, 7),
        (5, 5, 0, 4, 21),
        (5, 4, 0, 4, 20),
        (0x7FF_FFFF, 0, 0, 27, 0x800_0000),
        (0, 1, 4, 16, 16),
        (16, 1, 4, 16, 17),
        (31, 1, 4, 16, (1 << 20) + 16),
    ],
)
def test_a_target_is_met_at_the_next_slot_that_carries_it(
    now: int, target: int, low: int, width: int, expected: int
) -> None:
    assert next_match(now, target, low, width) == expected


def test_the_time_counts_slots_and_the_microseconds_left(world: FakeWorld, le: BluetoothLe) -> None:
    world.clock.advance(3 * SLOT_NS)
    assert (le.read(le.time.offset), le.read(le.fine_time.offset)) == (3, 624)
    world.clock.advance(SLOT_NS - 1)
    assert (le.read(le.time.offset), le.read(le.fine_time.offset)) == (3, 0)


def test_the_time_is_sampled_at_once(le: BluetoothLe, shared: Bluetooth) -> None:
    for block in (le, shared):
        block.write(block.sample.offset, 1)
        assert block.read(block.sample.offset) == 0


def test_a_reset_of_the_link_layer_is_over_at_once(le: BluetoothLe) -> None:
    le.write(le.control.offset, 7 << 29 | ENABLE)
    assert le.read(le.control.offset) == ENABLE


def test_an_event_begins_in_its_slot_and_lasts_as_long_as_it_may(
    world: FakeWorld, le: BluetoothLe, irq: FakeLine
) -> None:
    schedule(le, 6)
    world.clock.advance((6 + 0x40) * SLOT_NS - 1)
    assert not irq.is_high()
    assert entry(le, 6) == EVENT
    world.clock.advance(1)
    assert irq.is_high()
    assert entry(le, 6) == EVENT | 1 << 14
    le.write(le.acknowledge.offset, EVENT_END)
    assert not irq.is_high()
    world.clock.advance(100 * SLOT_NS)
    assert not irq.is_high()


def test_advertising_does_not_last_as_long_as_it_may(
    world: FakeWorld, le: BluetoothLe, irq: FakeLine
) -> None:
    schedule(le, 2, ADVERTISING, slots=0x960)
    world.clock.advance((2 + ADVERTISING_SLOTS) * SLOT_NS)
    assert irq.is_high()


def test_an_event_taken_out_of_the_table_does_not_begin(
    world: FakeWorld, le: BluetoothLe, irq: FakeLine
) -> None:
    schedule(le, 2)
    put(le, TABLE + 2 * 2, 0)
    world.clock.advance(1000 * SLOT_NS)
    assert not irq.is_high()


def test_an_event_that_comes_while_another_one_runs_takes_place_later(
    world: FakeWorld, le: BluetoothLe, irq: FakeLine
) -> None:
    schedule(le, 2, slots=8)
    schedule(le, 4, slots=8)
    world.clock.advance(10 * SLOT_NS)
    assert (entry(le, 2), entry(le, 4)) == (EVENT | 1 << 14, EVENT)
    le.write(le.acknowledge.offset, EVENT_END)
    world.clock.advance((16 + 4 + 8 - 10) * SLOT_NS)
    assert irq.is_high()
    assert entry(le, 4) == EVENT | 1 << 14


def test_nothing_begins_while_the_link_layer_is_off(world: FakeWorld, le: BluetoothLe, irq: FakeLine) -> None:
    le.write(le.control.offset, 0)
    schedule(le, 2, slots=1)
    world.clock.advance(10 * SLOT_NS)
    assert not irq.is_high()
    le.write(le.control.offset, ENABLE)
    world.clock.advance(10 * SLOT_NS)
    assert irq.is_high()


def test_an_abort_ends_the_event_that_runs(world: FakeWorld, le: BluetoothLe, irq: FakeLine) -> None:
    schedule(le, 1)
    world.clock.advance(3 * SLOT_NS)
    le.write(le.control.offset, ENABLE | SCAN_ABORT)
    assert le.read(le.control.offset) == ENABLE
    assert irq.is_high()


def test_the_fine_target_is_a_slot_and_the_gross_one_sixteen(
    world: FakeWorld, le: BluetoothLe, irq: FakeLine
) -> None:
    le.write(le.interrupt_mask.offset, GROSS_TARGET | FINE_TARGET)
    le.write(le.gross_target.offset, 2)
    le.write(le.fine_target.offset, 7)
    world.clock.advance(7 * SLOT_NS)
    assert le.read(le.interrupt_status.offset) == FINE_TARGET
    world.clock.advance(25 * SLOT_NS - 1)
    assert le.read(le.interrupt_status.offset) == FINE_TARGET
    world.clock.advance(1)
    assert le.read(le.interrupt_status.offset) == FINE_TARGET | GROSS_TARGET


def test_timers_of_the_controller_interrupt_at_their_target(
    world: FakeWorld, shared: Bluetooth, irq: FakeLine
) -> None:
    shared.write(shared.gross_target.offset, 3)
    world.clock.advance(48 * SLOT_NS)
    assert not irq.is_high()
    shared.write(shared.interrupt_mask.offset, SHARED_GROSS_TARGET)
    assert irq.is_high()
    shared.write(shared.acknowledge.offset, SHARED_GROSS_TARGET)
    world.clock.advance(48 * SLOT_NS)
    assert not irq.is_high()


def test_a_block_is_encrypted_as_bluetooth_numbers_are(le: BluetoothLe, irq: FakeLine) -> None:
    pytest.importorskip("Crypto")
    # Bluetooth Core Specification, volume 6 part C, 1 (sample data): LTK and SKD give the session key.
    key = bytes.fromhex("4C68384139F574D836BCF34E9DFB01BF")[::-1]
    plain = bytes.fromhex("0213243546576879ACBDCEDFE0F10213")[::-1]
    le.write(le.interrupt_mask.offset, ENCRYPTED)
    for index, register in enumerate(le.aes_key):
        le.write(register.offset, int.from_bytes(key[4 * index : 4 * index + 4], "little"))
    for index in range(16):
        le.write(EXCHANGE_MEMORY + 0x3D0 + index, plain[index], 1)
    le.write(le.aes_pointer.offset, 0x3D0)
    le.write(le.aes_control.offset, 1)
    assert irq.is_high()
    result = bytes(le.read(EXCHANGE_MEMORY + 0x3E0 + index, 1) for index in range(16))
    assert result[::-1].hex() == "99ad1b5226a37e3e058e3b8e27c2c666"


def test_deep_sleep_is_reported_by_name(world: FakeWorld, le: BluetoothLe, shared: Bluetooth) -> None:
    le.write(le.sleep_control.offset, 1 << 31)
    shared.write(shared.sleep_control.offset, 1 << 31)
    assert world.log.names == ["bluetooth_le.sleep_control.deep_sleep", "bluetooth.sleep_control.deep_sleep"]


def test_a_snapshot_holds_the_event_that_runs(world: FakeWorld, le: BluetoothLe, irq: FakeLine) -> None:
    schedule(le, 1, slots=4)
    world.clock.advance(2 * SLOT_NS)
    snapshot = le.save()
    le.reset(ResetCause.POWER_ON)
    world.clock.advance(SLOT_NS)
    le.restore(snapshot)
    world.clock.advance(2 * SLOT_NS)
    assert irq.is_high()
    assert entry(le, 1) == EVENT | 1 << 14


def test_a_snapshot_holds_the_targets_to_come(
    world: FakeWorld, le: BluetoothLe, shared: Bluetooth, irq: FakeLine
) -> None:
    before = le.save(), shared.save()
    le.write(le.fine_target.offset, 2)
    shared.write(shared.gross_target.offset, 1)
    after = le.save(), shared.save()
    for (le_state, shared_state), rings in ((before, False), (after, True)):
        le.restore(le_state)
        shared.restore(shared_state)
        assert [alarm.due_ns is not None for alarm in world.clock.alarms].count(True) == 2 * rings


@pytest.mark.parametrize("make", [Bluetooth, BluetoothLe])
def test_a_reset_lowers_the_line_and_forgets_the_target(
    world: FakeWorld, irq: FakeLine, make: Callable[..., Bluetooth | BluetoothLe]
) -> None:
    block = make("block", world.environment, irq)
    block.write(block.interrupt_mask.offset, GROSS_TARGET | SHARED_GROSS_TARGET)
    block.write(block.gross_target.offset, 1)
    world.clock.advance(16 * SLOT_NS)
    assert irq.is_high()
    block.write(block.gross_target.offset, 2)
    block.reset(ResetCause.WATCHDOG)
    assert not irq.is_high()
    world.clock.advance(1000 * SLOT_NS)
    block.write(block.interrupt_mask.offset, GROSS_TARGET | SHARED_GROSS_TARGET)
    assert not irq.is_high()
