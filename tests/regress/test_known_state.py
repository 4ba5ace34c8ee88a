"""What makes two states of a device the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emu.machine import Machine
from emu.regress.powercut.device import Device
from emu.regress.powercut.known_state import digest_without_flash
from emu.regress.powercut.page_digests import PageDigests


def digest(device: Device, change: Callable[[Machine], object]) -> bytes:
    machine = device.machine
    machine.restore(device.off)
    machine.run_for(0.1)
    change(machine)
    return digest_without_flash(machine.snapshot().state, PageDigests())


def test_the_number_of_instructions_and_the_flash_do_not_count_all_else_does(few: Device) -> None:
    same = digest(few, lambda machine: None)

    def count_more(machine: Machine) -> None:
        snapshot: Any = machine.snapshot()
        chip = snapshot.state["chip"]
        for part, name in (("engine", "executed"), ("engine", "elapsed")):
            chip["core"][part][name] += 60
        chip["clock"]["base_elapsed"] += 60
        machine.restore(snapshot)

    assert digest(few, count_more) == same
    assert digest(few, lambda machine: machine.flash.load(0x1F_0000, b"other")) == same
    for change in (
        lambda machine: machine.board.outside.write(0x2001_0000, b"other"),
        lambda machine: machine.run_for(1e-6),
        lambda machine: machine.uart0.write("x"),
    ):
        assert digest(few, change) != same
