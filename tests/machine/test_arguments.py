"""What callers give to a machine is checked where it enters, and costs nothing but the mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emu import Machine, MachineError
from emu.machine.demo import BUILT_IN_PROGRAMS


@pytest.fixture(scope="module")
def machine() -> Machine:
    machine = Machine.load(BUILT_IN_PROGRAMS[1], cache=False)
    machine.uart0.expect("atcmd init finished")
    return machine


MISTAKES: dict[str, Callable[[Any], object]] = {
    "max_time_ns: -1 is no whole number from 0 on": lambda machine: machine.run(-1),
    "max_time_ns: 1.5 is no whole number": lambda machine: machine.run(1.5),
    "max_time_ns: True is no whole number": lambda machine: machine.run(True),
    "duration_s: -0.1 is no number of seconds": lambda machine: machine.run_for(-0.1),
    "duration_s: nan is no number of seconds": lambda machine: machine.run_for(float("nan")),
    "duration_s: '1' is no number of seconds": lambda machine: machine.run_for("1"),
    "timeout_s: inf is no number of seconds": lambda machine: machine.run_until_address(
        "app_main", float("inf")
    ),
    "where: 0x0800f401 is no address of an instruction": lambda machine: machine.hook(0x0800_F401, print),
    "where: 0x40000000 is no address of an instruction": lambda machine: machine.hook(0x4000_0000, print),
    "where: 0x100000000 is no 32-bit address": lambda machine: machine.hook(1 << 32, print),
    "where: None is no 32-bit address": lambda machine: machine.run_until_address(None),
    "uart: 6 is none of 0 to 5": lambda machine: machine.run_until_text("x", uart=6),
    "uart: -1 is no whole number": lambda machine: machine.run_until_text("x", uart=-1),
    "number: 0 is no whole number from 1 on": lambda machine: machine.cut_power_at_flash_operation(0),
    "phase: 'after' is no Phase": lambda machine: machine.cut_power_at_flash_operation(1, "after"),
    "cause: 'watchdog' is no ResetCause": lambda machine: machine.reset("watchdog"),
    "where: -0x4 is no 32-bit address": lambda machine: machine.read(-4, 4),
    "size_bytes: -1 is no whole number": lambda machine: machine.read(0x2000_0000, -1),
    "data: 5 is no bytes": lambda machine: machine.write(0x2000_0000, 5),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_slip_is_told_and_changes_nothing(machine: Machine, message: str) -> None:
    before = machine.now_ns, machine.executed
    with pytest.raises(MachineError, match=message):
        MISTAKES[message](machine)
    assert (machine.now_ns, machine.executed) == before


def test_a_run_inside_a_run_is_refused(machine: Machine) -> None:
    machine.hook("app_main", lambda inner: inner.run(1))
    machine.power_cycle()
    with pytest.raises(MachineError, match="it runs already"):
        machine.run_for(1)
    machine.unhook("app_main")
    assert machine.run_for(0.01).end.value == "the time is up"
