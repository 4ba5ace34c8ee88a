"""How far a run goes the way of another one: until a sector is used in which their flashes differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from emu.bus import GRANULE_BYTES
from emu.history.snapshot import Snapshot
from emu.memory_map import FLASH_BASE
from emu.regress.powercut.track import Checkpoint, Track, differing_sectors
from peripherals.nor_flash import SECTOR_SIZE

SECTORS = 12
NOWHERE = Snapshot(0, 0, {}, {})
EVENTS = some.lists(
    some.one_of(
        some.tuples(some.just("use"), some.integers(0, SECTORS - 1)),
        some.tuples(some.just("map"), some.integers(0, SECTORS - 1)),
        some.tuples(some.just("checkpoint"), some.just(0)),
        some.tuples(some.just("epoch"), some.just(0)),
    ),
    max_size=40,
)


def track_of(events: list[tuple[str, int]]) -> Track:
    track, epoch = Track(0), 0
    for event, sector in events:
        if event == "use":
            track.use(sector * SECTOR_SIZE + 100, 200)
        elif event == "map":
            track.granules_read.add((FLASH_BASE + sector * SECTOR_SIZE) // GRANULE_BYTES)
        elif event == "epoch":
            epoch += 1
        else:
            track.add(len(track.checkpoints), Checkpoint(b"", (epoch,), NOWHERE))
    return track


def reach(events: list[tuple[str, int]], number: int, sectors: set[int]) -> int:
    """The same, said otherwise: go on from a checkpoint until something forbids it."""
    granules = {sector * SECTOR_SIZE // GRANULE_BYTES for sector in sectors}
    passed, mapped, epoch, epoch_there = -1, set[int](), 0, 0
    for event, sector in events:
        epoch += event == "epoch"
        if event == "map":
            mapped.add(sector * SECTOR_SIZE // GRANULE_BYTES)
        if passed >= number and event == "use" and sector in sectors:
            return passed
        if event == "checkpoint":
            if passed >= number and (mapped & granules or epoch != epoch_there):
                return passed
            passed += 1
            if passed == number:
                epoch_there = epoch
    return passed


@given(EVENTS, some.data())
def test_a_run_goes_the_same_way_until_what_differs_is_used(
    events: list[tuple[str, int]], data: some.DataObject
) -> None:
    track = track_of(events)
    if track.checkpoints:
        number = data.draw(some.integers(0, len(track.checkpoints) - 1))
        sectors = data.draw(some.sets(some.integers(0, SECTORS - 1), max_size=4))
        assert track.reach(number, sectors) == reach(events, number, sectors)


def test_a_use_of_several_sectors_is_one_of_each() -> None:
    track = track_of([("checkpoint", 0)])
    track.use(SECTOR_SIZE - 1, 2)
    track.add(1, track.checkpoints[0])
    assert [track.reach(0, {sector}) for sector in (0, 1, 2)] == [0, 0, 1]


def test_sectors_differ_by_their_contents() -> None:
    one, other = bytes(SECTOR_SIZE), bytes(SECTOR_SIZE - 1) + b"\1"
    assert list(differing_sectors((one, one, other), (bytes(bytearray(one)), other, other))) == [1]
