from __future__ import annotations

import pytest
from support.boot import FakeBoot, build_app

from peripherals.flash_operation import OperationKind, Phase
from roms.boot_flash import SectorWriter, copy_flash, write_flash

START = 0x1E_0000


@pytest.fixture
def fake() -> FakeBoot:
    fake = FakeBoot(build_app())
    fake.device.load(START, bytes(range(256)) * 64)
    return fake


def erased_sectors(fake: FakeBoot) -> list[int]:
    return [
        operation.offset
        for operation in fake.operations
        if operation.kind is OperationKind.ERASE and operation.phase is Phase.AFTER
    ]


def test_a_write_keeps_what_else_its_sectors_hold(fake: FakeBoot) -> None:
    before = fake.contents(START, 0x4000)
    write_flash(fake.chip, START + 0xFFE, b"data")
    assert fake.contents(START, 0x4000) == before[:0xFFE] + b"data" + before[0x1002:]
    assert erased_sectors(fake) == [START, START + 0x1000]


def test_every_page_of_a_sector_is_programmed_in_order(fake: FakeBoot) -> None:
    write_flash(fake.chip, START, b"\xff" * 16)
    programs = [
        operation.offset
        for operation in fake.operations
        if operation.kind is OperationKind.PROGRAM and operation.phase is Phase.AFTER
    ]
    assert programs == list(range(START, START + 0x1000, 256))


def test_virtual_time_passes(fake: FakeBoot) -> None:
    write_flash(fake.chip, START, b"data")
    assert fake.now_ns >= 4_000_000 + 16 * 1_000_000


def test_a_copy_takes_whole_blocks(fake: FakeBoot) -> None:
    copy_flash(fake.chip, START + 0x2000, START, 100)
    assert fake.contents(START + 0x2000, 0x1000) == fake.contents(START, 0x1000)


def test_a_stream_is_written_sector_by_sector(fake: FakeBoot) -> None:
    writer = SectorWriter(fake.chip)
    data = bytes(reversed(range(256))) * 48
    for position in range(0, len(data), 1000):
        writer.write(START + position, data[position : position + 1000])
    writer.flush()
    assert fake.contents(START, len(data)) == data
    assert erased_sectors(fake) == [START, START + 0x1000, START + 0x2000]


def test_a_stream_may_start_inside_a_sector(fake: FakeBoot) -> None:
    before = fake.contents(START, 0x400)
    writer = SectorWriter(fake.chip)
    writer.write(START + 0x400, b"\xaa" * 0x1000)
    writer.flush()
    assert fake.contents(START, 0x1400) == before + b"\xaa" * 0x1000
    assert erased_sectors(fake) == [START, START + 0x1000]


def test_a_short_start_inside_a_sector_is_collected_with_what_is_there(fake: FakeBoot) -> None:
    before = fake.contents(START, 0x1000)
    writer = SectorWriter(fake.chip)
    writer.write(START + 0x400, b"short")
    assert erased_sectors(fake) == []
    writer.flush()
    assert fake.contents(START, 0x1000) == before[:0x400] + b"short" + before[0x405:]


def test_a_jump_flushes_what_came_before(fake: FakeBoot) -> None:
    writer = SectorWriter(fake.chip)
    writer.write(START, b"first")
    writer.write(START + 0x2000, b"second")
    assert fake.contents(START, 5) == b"first"
    writer.flush()
    assert fake.contents(START + 0x2000, 6) == b"second"


def test_nothing_is_written_behind_the_end_of_the_flash(fake: FakeBoot) -> None:
    before = fake.contents(0, 0x1F_F000)
    write_flash(fake.chip, 0x1F_FFFE, b"data")
    write_flash(fake.chip, 0x30_0000, b"data")
    assert fake.contents(0, 0x1F_F000) == before
    assert erased_sectors(fake) == [0x1F_F000]
