"""The PSRAM controller alone."""

import pytest
from support.environment import FakeWorld

from peripherals.psram import Psram

RESET, QUAD, DIVIDER_3 = 0x1, 0x2, 0x30


@pytest.fixture
def psram(world: FakeWorld) -> Psram:
    psram = Psram("psram", world.environment)
    psram.reset()
    return psram


def test_its_reset_is_over_when_software_looks(psram: Psram) -> None:
    psram.write(psram.control.offset, RESET)
    assert psram.read(psram.control.offset) & RESET == 0


def test_the_mode_reads_back(psram: Psram, world: FakeWorld) -> None:
    psram.write(psram.control.offset, QUAD | DIVIDER_3)
    assert psram.read(psram.control.offset) == QUAD | DIVIDER_3
    assert world.log.names == ["psram.control.divider"]
