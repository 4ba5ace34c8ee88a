"""A run that ends without what was waited for tells where the firmware is, whatever state that is in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cpu.program import code, op
from machine.device import (
    HANDLER,
    PREPARE_UART0,
    SPIN,
    UART0,
    machine_of,
    send,
    set_register,
    store_word,
)

from emu.inspect.symbol_choice import NamedProgram, SymbolChoice
from emu.isa.state import Psr
from emu.loader import Symbol, Symbols
from emu.machine import Activity, ExpectationError, Machine
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.soc.irq import Irq
from roms.mask_rom import COMMAND_MODE

TASKS = Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf"
VIC = 0xE000_E100
CORE_TIMER = 0xE000_E010
SPIN_FOR_A_BYTE = code(
    set_register(2, UART0),
    op("ld.w", rz=1, rx=2, offset=0x1C),
    op("bez", rx=1, offset=-2),
    SPIN,
)


def test_an_endless_loop_is_told_in_the_text_of_the_result() -> None:
    result = machine_of(SPIN).run(1000)
    assert str(result) == (
        "the time is up after 0.000001 s, at pc 0x08000000 (main), in an endless loop, interrupts off"
    )


def test_a_missing_text_is_explained_by_it() -> None:
    machine = machine_of(code(PREPARE_UART0, send("Hi\n"), SPIN))
    with pytest.raises(ExpectationError, match=r"'bye' did not appear.* \(main\+0x\w+\), in an endless loop"):
        machine.uart0.expect("bye", timeout_s=0.0005)


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_a_loop_that_polls_names_what_it_reads(engine: str) -> None:
    where = machine_of(SPIN_FOR_A_BYTE, engine=engine).run_for(0.0001).whereabouts
    assert where is not None
    assert where.loop is not None
    assert (where.loop.instructions, where.loop.is_endless) == (2, False)
    assert "in a loop of 2 instructions that reads 0x4001061c (uart0.fifo_status)" in str(where)


def test_sleep_names_the_interrupts_that_would_end_it() -> None:
    program = code(store_word(VIC, 1 << Irq.UART0 | 1 << Irq.TIMERS), op("wait"), SPIN)
    where = machine_of(program).run_for(0.1).whereabouts
    assert where is not None
    assert (where.activity, where.wakes) == (Activity.SLEEPING, ("UART0", "TIMERS"))
    assert "sleeping until UART0 or TIMERS, with no event ahead" in str(where)


def test_sleep_tells_when_something_comes_next() -> None:
    timer = code(store_word(CORE_TIMER + 4, 0xF_FFFF), store_word(CORE_TIMER, 3))
    program = code(store_word(VIC, 1 << Irq.CORE_TIMER), timer, op("wait"), SPIN)
    where = machine_of(program).run_for(0.001).whereabouts
    assert where is not None
    assert where.next_event_ns is not None
    assert 0 < where.next_event_ns < 100_000_000


def test_a_handler_is_named_with_the_interrupts_it_keeps_out() -> None:
    pending = code(store_word(VIC, 0xFFFF_FFFF), store_word(VIC + 0x100, 1 << Irq.I2C | 1 << Irq.ADC))
    where = machine_of(code(pending, op("psrset", bits=Psr.IE), SPIN)).run_for(0.001).whereabouts
    assert where is not None
    assert where.handlers == (32 + Irq.I2C,)
    assert str(where) == (
        f"at pc {HANDLER:#010x} (handler), in the handler of interrupt 10 (I2C), in an endless loop, "
        "interrupts off, ADC pending"
    )


def test_the_task_and_its_callers_are_named() -> None:
    with Machine.load(TASKS, cache=False) as machine:
        machine.run_until_address("fail")
        where = machine.whereabouts()
    assert (where.task, where.location) == ("worker", "fail")
    assert where.callers
    assert where.line


def test_before_the_start_and_without_power_there_is_nowhere_to_be() -> None:
    machine = machine_of(SPIN)
    assert str(machine.whereabouts()) == "not started"
    machine.run(1000)
    machine.reset()
    assert machine.whereabouts().activity is Activity.NOT_STARTED
    machine._power.is_on = False
    assert str(machine.whereabouts()) == "the power is off"


def test_the_mask_rom_is_a_place_too() -> None:
    machine = machine_of(code(set_register(1, COMMAND_MODE), op("jmp", rx=1)))
    assert "(mask ROM)" in str(machine.run_for(0.0005))
    machine._power.give_up("Z")
    assert machine.whereabouts().activity is Activity.BOOTING
    assert str(machine.run()).startswith("the mask ROM waits for a download: the bootloader went back")
    assert machine.whereabouts().activity is Activity.MASK_ROM


def test_who_does_not_ask_before_the_machine_goes_on_does_not_get_to_know() -> None:
    machine = machine_of(SPIN)
    asked, missed = machine.run(1000), machine.run(1000)
    assert asked.whereabouts is None
    seen = missed.whereabouts
    assert seen is not None
    machine.run(1000)
    assert missed.whereabouts is seen
    assert str(asked) == "the time is up after 0.000001 s"


@pytest.mark.parametrize("stack_pointer", [0, 1, 0x2004_7FFE, 0x6000_0000, 0xFFFF_FFFF])
def test_a_bad_stack_pointer_costs_the_callers_only(stack_pointer: int) -> None:
    machine = machine_of(SPIN)
    machine.run(1000)
    machine.registers.update(sp=stack_pointer, lr=stack_pointer)
    assert machine.whereabouts().callers == ()
    assert "at pc 0x08000000 (main)" in str(machine.whereabouts())


def test_damaged_debug_information_costs_the_names_only(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = machine_of(SPIN)

    def fail(_flash: bytes) -> tuple[NamedProgram, ...]:
        raise AttributeError("damaged")

    monkeypatch.setattr(machine._views._choice, "present", fail)
    assert str(machine.run(1000)) == (
        "the time is up after 0.000001 s, at pc 0x08000000, in an endless loop, interrupts off"
    )


def test_nothing_in_memory_or_registers_makes_looking_fail() -> None:
    rng = random.Random(1)
    names = [Symbol(name, rng.randrange(1 << 32), rng.randrange(1 << 16)) for name in
             ("pxCurrentTCB", "pxReadyTasksLists", "xSchedulerRunning", "vTaskSwitchContext")]  # fmt: skip
    machine = machine_of(SPIN)
    machine._views._choice = SymbolChoice([NamedProgram(FLASH_BASE, b"", Symbols(names))])
    machine.run(1000)
    for _ in range(200):
        machine.write(SRAM_BASE, rng.randbytes(4096))
        machine.registers.update({f"r{number}": rng.randrange(1 << 32) for number in range(32)})
        machine.registers["pc"] = rng.choice([FLASH_BASE, SRAM_BASE, 0]) + rng.randrange(4096)
        assert str(machine.whereabouts()).startswith("at pc ")
