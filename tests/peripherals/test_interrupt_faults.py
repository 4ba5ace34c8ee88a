"""Requests of interrupt lines that are lost, or come late."""

from __future__ import annotations

import pytest
from support.environment import FakeWorld

from peripherals.vic import VectorInterruptController

UART0, UART1 = 16, 17
PENDING = 32 + UART0


@pytest.fixture
def vic(world: FakeWorld) -> VectorInterruptController:
    vic = VectorInterruptController("vic", world.environment)
    vic.reset()
    vic.write(vic.set_enable.offset, 1 << UART0 | 1 << UART1)
    return vic


def test_a_lost_request_does_not_come_and_the_next_one_does(vic: VectorInterruptController) -> None:
    line = vic.line(UART0, "uart0")
    vic.faults.order(UART0, 0, 1)
    other = vic.line(UART1, "uart1")
    other(True)
    assert vic.pending_vector() == 32 + UART1
    vic.acknowledge(32 + UART1)
    other(False)
    vic.complete()
    line(True)
    assert vic.pending_vector() is None
    line(True)  # the level has not fallen, and the block has something to tell again
    assert vic.pending_vector() == PENDING


@pytest.mark.parametrize("is_saved", [False, True])
def test_a_late_request_comes_late(vic: VectorInterruptController, world: FakeWorld, is_saved: bool) -> None:
    line = vic.line(UART0, "uart0")
    vic.faults.order(UART0, 500, 1)
    line(True)
    line(True)
    if is_saved:
        before = vic.save()
        vic.reset()
        vic.restore(before)
    world.clock.advance(499)
    assert vic.pending_vector() is None
    world.clock.advance(1)
    assert vic.pending_vector() == PENDING
    assert not vic.faults.is_active


def test_a_late_request_whose_level_falls_never_comes(
    vic: VectorInterruptController, world: FakeWorld
) -> None:
    line = vic.line(UART0, "uart0")
    vic.faults.order(UART0, 500, 1)
    line(True)
    line(False)
    world.clock.advance(1000)
    assert vic.pending_vector() is None
    line(True)
    assert vic.pending_vector() == PENDING


def test_two_late_requests_keep_their_order(vic: VectorInterruptController, world: FakeWorld) -> None:
    for number in (UART0, UART1):
        vic.faults.order(number, 500, 1)
        vic.line(number, "a")(True)
    assert vic.pending_vector() == PENDING  # there is room for one: the other one comes now
    vic.acknowledge(PENDING)
    vic.complete()
    world.clock.advance(500)
    assert vic.save()["state"]["faults"] == {"orders": [], "late": None, "due": None}


def test_a_reset_forgets_them(vic: VectorInterruptController) -> None:
    vic.faults.order(UART0, 0, 3)
    vic.reset()
    assert not vic.faults.is_active
