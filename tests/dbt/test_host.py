"""TLB entries of device pages, which share theirs with a page of memory."""

from __future__ import annotations

from typing import Any

import pytest
from support.guest import DEVICE, FLASH, Guest, Program

from emu.dbt.host import PAGE_BYTES, Host
from emu.engine.contract import WatchedRange


@pytest.fixture
def fills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pages that Python is asked for."""
    pages: list[int] = []
    fill = Host._fill

    def noted(host: Host, uc: int, address: int, access: int, entry: Any) -> bool:
        pages.append(address & -PAGE_BYTES)
        return fill(host, uc, address, access, entry)

    monkeypatch.setattr(Host, "_fill", noted)
    return pages


def turns(guest: Guest) -> None:
    """Load from a constant and a device in turn, whose entries are one."""
    assert FLASH % (256 * PAGE_BYTES) == DEVICE % (256 * PAGE_BYTES)
    guest.state.r[1], guest.state.r[2] = FLASH + 0x200, DEVICE
    program = Program(guest)
    program("ld.w", rz=3, rx=1, offset=0)
    program("ld.w", rz=4, rx=2, offset=0)
    program("br", offset=program.to(FLASH))
    guest.run(300)


def test_nobody_is_asked_for_device_pages(fills: list[int]) -> None:
    guest = Guest()
    guest.bus.on_read = lambda offset: 7
    turns(guest)
    assert guest.state.r[4] == 7
    assert fills.count(FLASH) == 1
    assert DEVICE not in fills


def test_but_while_something_there_is_watched(fills: list[int]) -> None:
    guest = Guest()
    watched = WatchedRange(DEVICE + 0x80, 4, reads=True, writes=False)
    guest.engine.set_watched(frozenset({watched}))
    turns(guest)
    assert DEVICE in fills
    guest.engine.set_watched(frozenset())
    fills.clear()
    turns(guest)
    assert DEVICE not in fills
