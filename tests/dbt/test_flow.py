"""The buffer of the flow of control."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.guest import Guest

from emu.dbt.host import Host
from emu.dbt.host_flow import HostFlow
from emu.engine.flow import ACTIVE, AT, CUT, FALLS, KEPT, Flow


class Taken:
    """A sink that keeps all."""

    def __init__(self) -> None:
        self.entries: list[int] = []
        self.ranges: list[tuple[int, int]] = []

    def take(self, entries: memoryview) -> None:
        self.entries += entries.cast("I").tolist()

    def code(self, entries: int, ranges: Sequence[tuple[int, int]]) -> None:
        self.ranges += ranges


@pytest.fixture(params=["plain", "host"])
def flow(request: pytest.FixtureRequest) -> Flow:
    return Flow() if request.param == "plain" else HostFlow(Host((), ()), Guest().bus.regions)


def test_a_sink_has_all_and_the_latest_stay_known(flow: Flow) -> None:
    flow.sink = taken = Taken()
    everything = list(range(2, 2 * ACTIVE, 2))
    for entry in everything:
        assert flow.make_room() > 0
        flow.add(entry)
    assert flow.count == len(everything)
    assert flow.latest() == everything[-KEPT:]
    flow.flush()
    assert (taken.entries, flow.latest(), flow.count) == (everything, everything[-KEPT:], len(everything))


def test_a_block_that_was_left_at_its_beginning_was_not_there(flow: Flow) -> None:
    flow.add(0x100)
    flow.add(0x200 | FALLS)
    flow.cut(0x200)
    flow.at(0x200)
    assert flow.latest() == [0x100, 0x200 | AT]
    flow.add(0x300)
    flow.cut(0x304)
    flow.at(0x300)
    flow.at(0x300)
    assert flow.latest()[2:] == [0x300, 0x304 | CUT, 0x300 | AT]


def test_a_snapshot_holds_the_latest(flow: Flow) -> None:
    flow.add(0x100)
    saved = flow.save()
    flow.forget()
    assert flow.latest() == []
    flow.restore(saved)
    assert flow.latest() == [0x100]
    flow.restore(None)
    assert flow.latest() == []
