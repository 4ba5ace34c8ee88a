"""Steps, exact ends and breakpoints: whoever uses them does not change what the firmware does."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from cpu.program import ENGINES, code, op
from machine.device import PREPARE_UART0, SPIN, machine_of, send, set_register

import roms
from emu.machine import Machine, MachineError, RunEnd
from emu.memory_map import FLASH_BASE

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.img"
BOTH = pytest.mark.parametrize("engine", sorted(ENGINES))
COUNT_UP = code(op("addi", rz=3, oimm=1), op("br", offset=-2))


def seen(machine: Machine) -> tuple[object, ...]:
    return dict(machine.registers), machine.executed, machine.now_ns, [port.data for port in machine.uarts]


@BOTH
def test_a_step_executes_one_instruction(engine: str) -> None:
    machine = machine_of(set_register(1, 0x1234_5678) + SPIN, engine=engine)
    assert machine.step().end is RunEnd.STEPPED
    assert (machine.registers["r1"], machine.registers["pc"]) == (0x1234_0000, FLASH_BASE + 4)
    machine.step()
    assert (machine.registers["r1"], machine.executed) == (0x1234_5678, 2)


@BOTH
def test_firmware_that_is_stepped_does_what_it_does_when_it_runs(
    engine: Literal["translator", "interpreter"],
) -> None:
    """The built-in AT firmware: ticks, task switches, UART interrupts, sleep."""
    with (
        Machine.load(ATCMD, cache=False, engine=engine) as free,
        Machine.load(ATCMD, cache=False, engine=engine) as stepped,
    ):
        for machine in (free, stepped):
            machine.run_for(0.02)
            machine.uart0.write("AT+QVER\r\n")
        for count in (1, 7, 3000):
            stepped.step(count)
        stepped.run_for(0.01)
        free.run(stepped.now_ns - free.now_ns)
        assert seen(free) == seen(stepped)


@BOTH
@pytest.mark.parametrize("count", [1, 2, 777, 8192, 8193, 100_000, 123_457])
def test_a_run_ends_at_any_instruction(engine: str, count: int) -> None:
    machine = machine_of(COUNT_UP, engine=engine)
    assert machine.run_until_executed(count).end is RunEnd.STEPPED
    assert (machine.executed, machine.registers["r3"]) == (count, (count + 1) // 2)


def test_the_past_and_a_time_limit_end_a_run_to_an_instruction() -> None:
    machine = machine_of(COUNT_UP)
    machine.step(10)
    with pytest.raises(MachineError, match="count: 9 instructions were over long ago: 10 are executed"):
        machine.run_until_executed(9)
    assert machine.run_until_executed(10).end is RunEnd.STEPPED
    assert machine.run_until_executed(1_000_000, timeout_s=1e-6).end is RunEnd.TIME_UP


@BOTH
def test_an_exact_end_inside_too_long_code_without_branches_is_refused(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.machine.run_control.STEPPED_AT_MOST", 16)
    machine = machine_of(op("addi", rz=3, oimm=1) * 500 + SPIN, engine=engine)
    with pytest.raises(MachineError, match="instruction 300 is among more than 16 without"):
        machine.run_until_executed(300)


@BOTH
def test_steps_go_into_the_handler_of_an_exception(engine: str) -> None:
    machine = machine_of(op("bkpt") + SPIN, engine=engine, handler=set_register(4, 5) + SPIN, grace_ns=None)
    machine.step()
    assert (machine.registers["epc"], machine.executed) == (FLASH_BASE, 1)


@BOTH
def test_hooks_are_called_once_also_by_steps(engine: str) -> None:
    machine = machine_of(COUNT_UP, engine=engine)
    calls: list[int] = []
    machine.hook(FLASH_BASE, lambda told: calls.append(told.registers["r3"]))
    machine.step(4)
    machine.run_until_executed(7)
    assert calls == [0, 1, 2, 3]


def test_a_breakpoint_belongs_to_its_owner() -> None:
    machine = machine_of(COUNT_UP)
    machine.add_breakpoint(FLASH_BASE + 2)
    machine.add_breakpoint(FLASH_BASE + 2, owner="gdb")
    result = machine.run_for(1)
    assert (result.end, result.owners, machine.registers["pc"]) == (
        RunEnd.ADDRESS,
        ("user", "gdb"),
        FLASH_BASE + 2,
    )
    machine.remove_breakpoint(FLASH_BASE + 2)
    assert machine.run_for(1).owners == ("gdb",)
    machine.remove_breakpoint(FLASH_BASE + 2, owner="gdb")
    assert machine.run_for(1e-6).end is RunEnd.TIME_UP


@BOTH
def test_a_breakpoint_is_met_where_pc_was_put_to(engine: str) -> None:
    machine = machine_of(COUNT_UP, engine=engine)
    machine.run_until_address(FLASH_BASE + 2)
    machine.add_breakpoint(FLASH_BASE)
    machine.registers["pc"] = FLASH_BASE
    before = machine.executed
    assert machine.step().end is RunEnd.ADDRESS
    assert machine.executed == before


def test_a_name_means_where_it_was_when_the_breakpoint_was_set() -> None:
    with Machine.load(cache=False) as machine:
        machine.uart0.expect("main: ver: 1.0.0")
        machine.add_breakpoint("uart_start")
        machine.hook("uart_start", lambda told: None)
        before = machine.address_of("uart_start")
        machine.remove_breakpoint("uart_start")
        machine.add_breakpoint("uart_start")
        while machine.run_for(3).end is RunEnd.ADDRESS:
            pass
        assert machine.address_of("uart_start") != before
        machine.remove_breakpoint("uart_start")
        machine.unhook("uart_start")
        for remove in (machine.remove_breakpoint, machine.unhook):
            with pytest.raises(MachineError, match=r"(hook|has none) at uart_start$"):
                remove("uart_start")


def test_steps_are_exact_however_long_the_code_without_branches_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emu.machine.run_control.STEPPED_AT_MOST", 16)
    machine = machine_of(op("addi", rz=3, oimm=1) * 500 + SPIN, engine="translator")
    assert machine.step(300).end is RunEnd.STEPPED
    assert (machine.executed, machine.registers["r3"]) == (300, 300)


def test_a_look_at_a_receive_fifo_takes_nothing_out_of_it() -> None:
    uart0 = 0x4001_0600
    machine = machine_of(PREPARE_UART0 + send("x") + SPIN)
    machine.run_for(0.001)
    machine.uart0.write("A")
    machine.run_for(0.001)
    machine.peek(uart0, 0x40)
    assert machine.read(uart0 + 0x30, 1) == b"A"
