"""An update that is done again ends as before, whatever is left of the app; nothing else does."""

from __future__ import annotations

import pytest

from emu.regress.powercut.cut import Cut, Left
from emu.regress.powercut.device import Device
from emu.regress.powercut.outcome import Outcome, Verdict

AMID_THE_UPDATE = Cut(350, "after")
NEXT_START = 0xF400 + 0x1000
"""In the app, which is replaced."""


@pytest.fixture(scope="module")
def left(few: Device) -> Left:
    found = few.left(AMID_THE_UPDATE)
    assert few.outcome_of(found).verdict is Verdict.GOOD
    return found


def outcome_with(few: Device, left: Left, offset: int, data: bytes) -> tuple[Outcome, int]:
    """That of a flash that differs there, and how much firmware was executed to know it."""
    state = left.state.replaced(offset, data)
    assert state.pages != left.state.pages
    return few.outcome_of(Left(left.cut, state)), few.machine.board.core.engine.executed


def test_what_is_left_of_the_app_does_not_matter(few: Device, left: Left) -> None:
    for data in (b"other", b"something else"):
        outcome, executed = outcome_with(few, left, NEXT_START, data)
        assert outcome == Outcome(Verdict.GOOD, merged=True)
        assert not executed


def test_another_partition_matters(few: Device, left: Left) -> None:
    outcome, executed = outcome_with(few, left, few.use.partitions[-1].offset, b"settings")
    assert outcome.verdict is Verdict.GOOD
    assert executed


def test_the_update_itself_matters(few: Device, left: Left) -> None:
    ota = next(each for each in few.use.partitions if each.name == "app_ota")
    outcome, executed = outcome_with(few, left, ota.offset + 0x100, bytes(4))
    assert outcome.verdict is Verdict.BRICK
    assert not outcome.merged
    assert not executed
