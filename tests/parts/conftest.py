"""A machine with the firmware that talks to parts, ready, and with nothing attached."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.history.snapshot import Snapshot
from emu.machine.machine import Machine

PROGRAM = Path(__file__).parents[1] / "firmware" / "programs" / "board.elf"


@pytest.fixture(scope="session")
def booted() -> tuple[Machine, Snapshot]:
    machine = Machine.load(PROGRAM, cache=False)
    machine.uart0.expect("board: ready")
    return machine, machine.snapshot()


@pytest.fixture
def machine(booted: tuple[Machine, Snapshot]) -> Machine:
    machine, ready = booted
    machine.restore(ready)
    machine.notes.clear()
    return machine
