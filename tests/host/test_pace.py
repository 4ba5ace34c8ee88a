from __future__ import annotations

import pytest

from emu.host import pace
from emu.host.pace import CATCH_UP_NS, Pace


class HostTime:
    """A host whose sleeps are exact."""

    def __init__(self) -> None:
        self.now_ns = 5_000_000_000
        self.slept_ns: list[int] = []

    def monotonic_ns(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.slept_ns.append(round(seconds * 1e9))
        self.now_ns += self.slept_ns[-1]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> HostTime:
    fake = HostTime()
    monkeypatch.setattr(pace, "time", fake)
    return fake


def test_a_run_that_is_ahead_waits_for_the_host(host: HostTime) -> None:
    follower = Pace(now_ns=1_000)
    host.now_ns += 3_000_000
    follower.wait(1_000 + 10_000_000)
    assert host.slept_ns == [7_000_000]


def test_a_run_that_is_a_little_behind_catches_up(host: HostTime) -> None:
    follower = Pace(now_ns=0)
    host.now_ns += CATCH_UP_NS // 2
    follower.wait(0)
    follower.wait(CATCH_UP_NS // 2 + 1_000)
    assert host.slept_ns == [1_000]


def test_a_run_that_is_far_behind_does_not_hurry_afterwards(host: HostTime) -> None:
    follower = Pace(now_ns=0)
    host.now_ns += 10 * CATCH_UP_NS
    follower.wait(0)
    follower.wait(1_000)
    assert host.slept_ns == [1_000]
