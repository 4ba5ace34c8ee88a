from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peripherals.flash_operation import FlashOperation, OperationKind, Phase, PowerCut
from peripherals.nor_flash import (
    FlashCommand,
    FlashSizeError,
    FlashTimings,
    Manufacturer,
    NorFlash,
    touched_sectors,
)

MIB = 1 << 20
READ, PROGRAM, WRITE_ENABLE = 0x03, 0x02, 0x06
PAGE_ERASE, SECTOR_ERASE, BLOCK_32K_ERASE, BLOCK_64K_ERASE, CHIP_ERASE = 0x81, 0x20, 0x52, 0xD8, 0x60
NO_WAITING = FlashTimings(0, 0, 0)


class Device:
    """A flash that is always ready, and what it reported."""

    def __init__(self, quad_enabled: bool = True) -> None:
        self.flash = NorFlash(MIB, timings=NO_WAITING, quad_enabled=quad_enabled)
        self.reports: list[tuple[str, str]] = []
        self.flash.report = lambda name, detail: self.reports.append((name, detail))

    def run(self, opcode: int, address: int = 0, data: bytes = b"", reply: int = 0) -> bytes:
        return self.flash.execute(FlashCommand(opcode, address, data, reply))

    def write(self, opcode: int, address: int = 0, data: bytes = b"") -> None:
        self.run(WRITE_ENABLE)
        self.run(opcode, address, data)


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.flash.contents.release()


def test_a_new_flash_is_erased(device: Device) -> None:
    assert device.run(READ, 0x1234, reply=4) == b"\xff" * 4


@pytest.mark.parametrize(("size_mib", "capacity"), [(1, 0x14), (2, 0x15), (4, 0x16), (8, 0x17), (16, 0x18)])
def test_the_jedec_id_tells_manufacturer_and_size(size_mib: int, capacity: int) -> None:
    flash = NorFlash(size_mib * MIB, manufacturer=Manufacturer.XT25F)
    reply = flash.execute(FlashCommand(0x9F, reply_size_bytes=3))
    assert (reply[0], 1 << reply[2]) == (0x0B, size_mib * MIB)
    assert reply[2] == capacity


def test_the_two_byte_id_starts_with_the_device_at_address_1(device: Device) -> None:
    assert device.run(0x90, 0, reply=2) == b"\x85\x13"
    assert device.run(0x90, 1, reply=2) == b"\x13\x85"


def test_the_unique_id_is_the_one_given() -> None:
    flash = NorFlash(unique_id=b"sixteen byte id!")
    assert flash.execute(FlashCommand(0x4B, reply_size_bytes=16)) == b"sixteen byte id!"


def test_a_size_that_is_not_sold_is_refused() -> None:
    with pytest.raises(FlashSizeError, match="flash of 0x180000 bytes: choose 1, 2, 4, 8 or 16 MiB"):
        NorFlash(0x18_0000)


def test_contents_of_another_size_are_refused() -> None:
    with pytest.raises(FlashSizeError, match="contents of 0x1000 bytes for a flash of 0x100000"):
        NorFlash(MIB, contents=bytearray(4096))


def test_the_array_is_the_buffer_given_and_changes_in_place() -> None:
    buffer = bytearray(MIB)
    flash = NorFlash(MIB, contents=buffer, timings=NO_WAITING)
    flash.execute(FlashCommand(WRITE_ENABLE))
    flash.execute(FlashCommand(SECTOR_ERASE, 0x1000))
    assert buffer[0x0FFF:0x2001] == b"\x00" + b"\xff" * 4096 + b"\x00"


def test_the_array_cannot_be_resized() -> None:
    buffer = bytearray(MIB)
    flash = NorFlash(MIB, contents=buffer)
    with pytest.raises(BufferError):
        buffer.append(0)
    assert len(flash.contents) == MIB


@pytest.mark.parametrize("opcode", [0x03, 0x0B, 0x3B, 0xBB, 0x6B, 0xEB])
def test_every_read_command_reads_the_array(device: Device, opcode: int) -> None:
    device.flash.load(0x100, b"hello")
    assert device.run(opcode, 0x100, reply=5) == b"hello"


def test_a_read_past_the_end_goes_on_at_the_start(device: Device) -> None:
    device.flash.load(MIB - 2, b"yz")
    device.flash.load(0, b"ab")
    assert device.run(READ, MIB - 2, reply=4) == b"yzab"


def test_what_is_read_is_told(device: Device) -> None:
    told: list[tuple[int, int, int]] = []
    device.flash.on_read = lambda *read: told.append(read)
    device.flash.execute(FlashCommand(READ, 0x1234, b"", 8, time_ns=77))
    assert told == [(0x1234, 8, 77)]
    device.run(READ, MIB - 2, reply=4)
    assert (0, 2, 0) in told


def test_loading_past_the_end_is_refused(device: Device) -> None:
    with pytest.raises(FlashSizeError, match="0x3 bytes at offset 0xffffe do not fit a flash of 0x100000"):
        device.flash.load(MIB - 2, b"xyz")


@given(
    old=st.binary(min_size=256, max_size=256),
    new=st.binary(min_size=1, max_size=256),
    start=st.integers(0, 255),
)
def test_programming_only_clears_bits_and_wraps_in_the_page(old: bytes, new: bytes, start: int) -> None:
    device = Device()
    device.flash.load(0x4_0000, old)
    device.write(PROGRAM, 0x4_0000 + start, new)
    expected = bytearray(old)
    for index, byte in enumerate(new):
        expected[(start + index) % 256] &= byte
    assert bytes(device.flash.contents[0x4_0000:0x4_0100]) == expected
    assert set(device.flash.contents[0x4_0100:0x4_0200]) == {0xFF}


@given(data=st.binary(min_size=257, max_size=600), start=st.integers(0, 255))
def test_of_too_much_data_the_last_page_counts(data: bytes, start: int) -> None:
    device = Device()
    device.write(PROGRAM, start, data)
    latch = bytearray(256)
    for index, byte in enumerate(data):
        latch[(start + index) % 256] = byte
    assert bytes(device.flash.contents[:256]) == latch


@pytest.mark.parametrize(
    ("opcode", "size_bytes"),
    [(PAGE_ERASE, 256), (SECTOR_ERASE, 4096), (BLOCK_32K_ERASE, 0x8000), (BLOCK_64K_ERASE, 0x1_0000)],
)
@given(address=st.integers(0, MIB - 1))
def test_erasing_sets_all_bits_of_the_unit_around_the_address(
    opcode: int, size_bytes: int, address: int
) -> None:
    device = Device()
    device.flash.load(0, bytes(MIB))
    device.write(opcode, address)
    first = address // size_bytes * size_bytes
    contents = bytes(device.flash.contents)
    assert contents == bytes(first) + b"\xff" * size_bytes + bytes(MIB - first - size_bytes)


@pytest.mark.parametrize("opcode", [0x60, 0xC7])
def test_a_chip_erase_sets_everything(device: Device, opcode: int) -> None:
    device.flash.load(0, bytes(MIB))
    device.write(opcode)
    assert bytes(device.flash.contents) == b"\xff" * MIB


@pytest.mark.parametrize("opcode", [PROGRAM, SECTOR_ERASE, CHIP_ERASE, 0x01])
def test_writing_without_write_enable_is_ignored_and_reported(device: Device, opcode: int) -> None:
    device.flash.load(0, b"\x5a")
    device.run(opcode, 0, b"\x00")
    assert (device.flash.contents[0], device.run(0x05, reply=1)) == (0x5A, b"\x00")
    assert device.reports == [
        (f"nor_flash.command_{opcode:02x}", "ignored, there was no write enable command")
    ]


def test_write_enable_serves_one_operation(device: Device) -> None:
    device.write(PROGRAM, 0, b"\x00")
    device.run(PROGRAM, 1, b"\x00")
    assert bytes(device.flash.contents[:2]) == b"\x00\xff"


def test_write_disable_takes_the_latch_back(device: Device) -> None:
    device.run(WRITE_ENABLE)
    assert device.run(0x05, reply=1) == b"\x02"
    device.run(0x04)
    assert device.run(0x05, reply=1) == b"\x00"


def test_the_device_is_busy_for_its_time_and_then_ready() -> None:
    flash = NorFlash(MIB)
    flash.execute(FlashCommand(WRITE_ENABLE, time_ns=1000))
    flash.execute(FlashCommand(SECTOR_ERASE, time_ns=1000))
    assert flash.ready_at_ns == 4_001_000
    assert flash.execute(FlashCommand(0x05, reply_size_bytes=1, time_ns=4_000_999)) == b"\x03"
    assert flash.execute(FlashCommand(0x05, reply_size_bytes=1, time_ns=4_001_000)) == b"\x00"


def test_a_command_while_busy_is_ignored() -> None:
    flash = NorFlash(MIB)
    flash.load(0, b"data")
    flash.execute(FlashCommand(WRITE_ENABLE))
    flash.execute(FlashCommand(PROGRAM, 0x100, b"\x00"))
    assert flash.execute(FlashCommand(READ, 0, reply_size_bytes=4, time_ns=1)) == b"\xff" * 4


def test_a_status_register_can_be_written_alone_or_with_its_neighbour(device: Device) -> None:
    device.write(0x01, data=b"\x80\x02")
    assert (device.run(0x05, reply=1), device.run(0x35, reply=1)) == (b"\x80", b"\x02")
    device.write(0x31, data=b"\x00")
    assert (device.run(0x05, reply=1), device.run(0x35, reply=1)) == (b"\x80", b"\x00")
    device.write(0x11, data=b"\x60")
    assert device.run(0x15, reply=1) == b"\x60"


def test_a_short_reply_repeats_as_long_as_it_is_clocked(device: Device) -> None:
    assert device.run(0x35, reply=3) == b"\x02\x02\x02"


@pytest.mark.parametrize("opcode", [0x6B, 0xEB])
def test_quad_commands_need_the_quad_enable_bit(opcode: int) -> None:
    device = Device(quad_enabled=False)
    device.flash.load(0, b"quad")
    assert device.run(opcode, 0, reply=4) == b"\xff" * 4
    assert device.reports == [(f"nor_flash.command_{opcode:02x}", "ignored, the quad enable bit is clear")]
    device.write(0x31, data=b"\x02")
    assert device.run(opcode, 0, reply=4) == b"quad"


def test_block_protection_is_kept_but_reported_as_not_modelled(device: Device) -> None:
    device.write(0x01, data=b"\x04")
    device.write(SECTOR_ERASE)
    assert device.reports == [("nor_flash.status.block_protect", "set, but protection is not modelled")]


def test_in_deep_power_down_only_the_release_is_heard(device: Device) -> None:
    device.flash.load(0, b"x")
    device.run(0xB9)
    assert device.run(READ, 0, reply=1) == b"\xff"
    assert device.run(0xAB, reply=1) == b"\x13"
    assert device.run(READ, 0, reply=1) == b"x"


def test_an_unknown_command_is_reported_by_its_opcode(device: Device) -> None:
    assert device.run(0x77, reply=2) == b"\xff\xff"
    assert device.reports == [("nor_flash.command_77", "unknown command")]


def test_security_registers_obey_the_same_rules_until_locked(device: Device) -> None:
    device.write(0x42, 0x2010, b"\x0f")
    device.write(0x42, 0x2010, b"\xf3")
    assert device.run(0x48, 0x2010, reply=2) == b"\x03\xff"
    device.write(0x31, data=b"\x12")
    device.write(0x44, 0x2000)
    assert device.run(0x48, 0x2010, reply=1) == b"\x03"
    device.write(0x44, 0x1000)
    device.write(0x31, data=b"\x02")
    assert device.run(0x35, reply=1) == b"\x12"


def test_there_is_no_security_register_0(device: Device) -> None:
    device.write(0x42, 0x0010, b"\x00")
    assert device.run(0x48, 0x0010, reply=1) == b"\xff"
    assert device.run(READ, 0x0010, reply=1) == b"\xff"


def test_every_change_of_the_array_is_announced(device: Device) -> None:
    changes: list[tuple[int, int]] = []
    device.flash.observe(lambda offset, size_bytes: changes.append((offset, size_bytes)))
    device.flash.load(3, b"abc")
    device.write(PROGRAM, 0x1FE, b"abcd")
    device.write(SECTOR_ERASE, 0x2345)
    assert changes == [(3, 3), (0x100, 256), (0x2000, 4096)]


def test_observers_see_each_operation_before_and_after() -> None:
    flash = NorFlash(MIB)
    seen: list[tuple[FlashOperation, int]] = []
    flash.observers.append(lambda operation: seen.append((operation, flash.contents[0x1000])))
    flash.load(0x1000, b"\x12")
    flash.execute(FlashCommand(WRITE_ENABLE))
    flash.execute(FlashCommand(SECTOR_ERASE, 0x1234, time_ns=10))
    assert seen == [
        (FlashOperation(OperationKind.ERASE, Phase.BEFORE, 0x1000, 4096, 10), 0x12),
        (FlashOperation(OperationKind.ERASE, Phase.AFTER, 0x1000, 4096, 4_000_010), 0xFF),
    ]


@pytest.mark.parametrize(("phase", "byte"), [(Phase.BEFORE, 0xFF), (Phase.AFTER, 0x00)])
def test_a_power_cut_leaves_an_operation_undone_or_complete(device: Device, phase: Phase, byte: int) -> None:
    def cut(operation: FlashOperation) -> None:
        if operation.phase is phase:
            raise PowerCut

    device.flash.observers.append(cut)
    with pytest.raises(PowerCut):
        device.write(PROGRAM, 0, bytes(256))
    assert set(device.flash.contents[:256]) == {byte}
    device.flash.power_cycle()
    assert device.run(0x05, reply=1) == b"\x00"


def test_a_snapshot_restores_everything(device: Device) -> None:
    device.write(0x31, data=b"\x42")
    device.write(0x42, 0x1000, b"\x00")
    device.write(PROGRAM, 0x2345, b"kept")
    device.run(WRITE_ENABLE)
    snapshot = device.flash.save()
    device.run(0x44, 0x1000)
    device.write(0x31, data=b"\x00")
    device.write(PROGRAM, 0x8000, b"lost")
    device.flash.restore(snapshot)
    assert device.run(0x05, reply=1) == b"\x02"
    assert device.run(0x35, reply=1) == b"\x42"
    assert device.run(0x48, 0x1000, reply=1) == b"\x00"
    assert bytes(device.flash.contents[0x2345:0x2349]) == b"kept"
    assert set(device.flash.contents[0x8000:0x8004]) == {0xFF}


def test_restoring_a_snapshot_tells_where_the_array_changes(device: Device) -> None:
    snapshot = device.flash.save()
    device.write(PROGRAM, 0x2345, b"lost")
    changed: list[tuple[int, int]] = []
    device.flash.observe(lambda offset, size_bytes: changed.append((offset, size_bytes)))
    device.flash.restore(snapshot)
    assert changed == [(0x2340, 64)]
    device.flash.restore(snapshot)
    assert len(changed) == 1


def test_worn_cells_do_not_erase(device: Device) -> None:
    device.flash.worn = {0x1001: 0x81}
    snapshot = device.flash.save()
    device.write(SECTOR_ERASE, 0x1000)
    assert device.flash.contents[0x1000:0x1003].hex() == "ff7eff"
    device.flash.worn = {}
    device.flash.restore(snapshot)
    assert device.flash.worn == {0x1001: 0x81}


def test_sectors_that_a_range_touches() -> None:
    assert list(touched_sectors(0xFFF, 2)) == [0, 0x1000]
    assert list(touched_sectors(0x2100, 0x100)) == [0x2000]
    assert list(touched_sectors(0x1_0000, 0x2000)) == [0x1_0000, 0x1_1000]
