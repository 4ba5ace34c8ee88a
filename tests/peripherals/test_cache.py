"""The caches alone."""

import pytest
from support.environment import FakeWorld

from peripherals.cache import Cache

WRITE_ALLOCATE, DATA_WRITE, WRITE_BACK, CONFIGURATION, ENABLE = 0x20, 0x10, 0x04, 0x02, 0x01


@pytest.fixture
def cache(world: FakeWorld) -> Cache:
    cache = Cache("cache", world.environment)
    cache.reset()
    return cache


def test_what_the_sdk_does_to_both_caches_is_kept_without_a_report(cache: Cache, world: FakeWorld) -> None:
    cache.write(cache.invalidate.offset, 1)
    settings = WRITE_ALLOCATE | DATA_WRITE | WRITE_BACK | CONFIGURATION | ENABLE
    cache.write(cache.enable.offset, settings)
    cache.write(cache.region[3].offset, 0x0800_0029)
    assert cache.read(cache.enable.offset) == settings
    assert cache.read(cache.region[3].offset) == 0x0800_0029
    assert world.log.names == []


def test_invalidating_is_over_at_once(cache: Cache) -> None:
    cache.write(cache.invalidate.offset, 0x2000_0012)
    assert cache.read(cache.invalidate.offset) == 0


def test_nothing_is_counted_and_asking_is_reported(cache: Cache, world: FakeWorld) -> None:
    cache.write(cache.count_control.offset, ENABLE)
    assert cache.read(cache.count[1].offset) == 0
    assert world.log.names == ["cache.count_control.enable", "cache.count[1]"]
