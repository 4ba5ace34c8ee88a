"""What goes on while the flash programs or erases."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import SPIN, machine_of, set_register, store_word

from emu.isa.state import Psr
from emu.machine import Machine, MachineError, RunEnd
from emu.machine.demo import BUILT_IN_PROGRAMS
from emu.soc.w800 import W800
from peripherals.flash_operation import Phase

COMMAND_INFO = W800.rows["flash_controller"].base
COMMAND_START, COMMAND_ADDRESS = COMMAND_INFO + 4, COMMAND_INFO + 0x10
START = 1 << 8
WRITE_ENABLE, SECTOR_ERASE = 0x06, 0x8000_0820
CORE_TIMER, VIC_ENABLE = 0xE000_E010, 0xE000_E100
TICK = 25
NS_PER_TICK = 1_000_000
TICKS_OF_AN_ERASE = 4

WAIT_FOR_THE_FLASH = code(
    op("ld.w", rz=3, rx=6, offset=0),
    op("andi", rz=3, rx=3, imm=START),
    op("bnez", rx=3, offset=-6),
)
ERASE = code(
    store_word(COMMAND_ADDRESS, 0x8000),
    store_word(COMMAND_INFO, WRITE_ENABLE),
    store_word(COMMAND_START, START),
    store_word(COMMAND_INFO, SECTOR_ERASE),
    store_word(COMMAND_START, START),
)
START_TICKS = code(
    store_word(VIC_ENABLE, 1 << TICK),
    store_word(CORE_TIMER + 4, 80_000 - 1),
    store_word(CORE_TIMER + 8, 0),
    store_word(CORE_TIMER, 7),
    set_register(6, COMMAND_START),
)
COUNT_TICKS = code(op("ld.w", rz=7, rx=8, offset=0), op("addi", rz=5, oimm=1), op("rte"))
ENABLE_INTERRUPTS = op("psrset", bits=Psr.IE)


def erase_with(*program: bytes, engine: str = "interpreter") -> Machine:
    prepare = code(START_TICKS, set_register(8, CORE_TIMER))
    ending = code(op("movi", rz=4, imm=7), SPIN)
    return machine_of(code(prepare, *program, ending), engine=engine, handler=COUNT_TICKS)


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_ticks_are_counted_while_the_firmware_polls_for_the_end_of_an_erase(engine: str) -> None:
    machine = erase_with(ENABLE_INTERRUPTS, ERASE, WAIT_FOR_THE_FLASH, op("mov", rz=9, rx=5), engine=engine)
    machine.run(8 * NS_PER_TICK)
    assert (machine.registers["r4"], machine.registers["r9"]) == (7, TICKS_OF_AN_ERASE)


def test_ticks_that_are_masked_during_an_erase_are_one_afterwards() -> None:
    machine = erase_with(ERASE, WAIT_FOR_THE_FLASH, ENABLE_INTERRUPTS)
    machine.run(TICKS_OF_AN_ERASE * NS_PER_TICK + 500_000)
    assert (machine.registers["r4"], machine.registers["r5"]) == (7, 1)


def test_a_command_started_while_the_flash_is_busy_waits_for_it_and_interrupts_come_afterwards() -> None:
    machine = erase_with(ENABLE_INTERRUPTS, ERASE, ERASE)
    times: list[int] = []
    machine.flash.observers.append(lambda operation: times.append(operation.time_ns))
    machine.run(TICKS_OF_AN_ERASE * NS_PER_TICK + 500_000)
    _, first_end_ns, second_begin_ns, _ = times
    assert second_begin_ns >= first_end_ns
    assert (machine.registers["r4"], machine.registers["r5"]) == (7, 1)


@pytest.mark.parametrize(("phase", "first"), [(Phase.BEFORE, 0), (Phase.AFTER, 0xFF)])
def test_a_power_cut_at_an_erase_comes_before_or_after_all_of_it(phase: Phase, first: int) -> None:
    machine = erase_with(ENABLE_INTERRUPTS, ERASE, WAIT_FOR_THE_FLASH)
    machine.flash.load(0x8000, b"\0")
    machine.cut_power_at_flash_operation(1, phase)
    assert machine.run(8 * NS_PER_TICK).end is RunEnd.POWER_CUT
    assert machine.flash.contents[0x8000] == first
    machine.power_cycle()
    assert machine.run(8 * NS_PER_TICK).end is RunEnd.TIME_UP
    assert (machine.registers["r4"], machine.flash.contents[0x8000]) == (7, 0xFF)


def test_how_long_the_flash_takes_can_be_chosen() -> None:
    busy_ns = []
    for flash_times in ("boards", "maker"):
        with Machine.load(BUILT_IN_PROGRAMS[1], cache=False, flash_times=flash_times) as machine:
            controller = machine.board.soc.flash_controller
            for info in (WRITE_ENABLE, SECTOR_ERASE):
                controller.write(0, info)
                controller.write(4, START)
            busy_ns.append(machine.flash.ready_at_ns - machine.now_ns)
    assert busy_ns == [4_000_000, 6_000_000]
    with pytest.raises(MachineError, match="flash_times: 'fast' is none of boards, maker"):
        Machine.load(BUILT_IN_PROGRAMS[1], cache=False, flash_times="fast")  # type: ignore[arg-type]
