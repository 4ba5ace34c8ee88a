"""The ring of blocks that were executed."""

from __future__ import annotations

import pytest

from emu.dbt.host import Host
from emu.dbt.host_trail import HostTrail
from emu.engine.trail import ENTRIES, EXCEPTION, Trail


@pytest.fixture(params=["plain", "host"])
def trail(request: pytest.FixtureRequest) -> Trail:
    return Trail() if request.param == "plain" else HostTrail(Host((), ()))


def test_the_latest_entries_stay_in_their_order(trail: Trail) -> None:
    assert trail.entries() == []
    for number in range(1, 2 * ENTRIES + 10):
        trail.block(2 * number, 2 * number + 8)
    assert trail.entries() == [
        (2 * number, 2 * number + 8) for number in range(ENTRIES + 10, 2 * ENTRIES + 10)
    ]


def test_what_is_no_block_is_marked(trail: Trail) -> None:
    trail.mark(0x0800_0000, EXCEPTION)
    assert trail.entries() == [(0x0800_0001, EXCEPTION)]
