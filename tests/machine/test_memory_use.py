"""No run grows with its time."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from cpu.program import code, op
from machine.device import machine_of, set_register, store_word
from support.translator import translator

from emu.isa.state import Psr
from emu.machine import Machine
from emu.soc.irq import Irq
from emu.soc.w800 import W800

ENTRIES = 100_000
SLICE_NS = 1_000_000_000
CORE_TIMER, VIC = W800.rows["core_timer"].base, W800.rows["vic"].base
IDLE_S = 300
TICKS_PER_SECOND = 100
UPDATES = 300
FUNCTION = 0x3000

needs_statm = pytest.mark.skipif(
    sys.platform != "linux", reason="reads /proc/self/statm, which only Linux has"
)


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


@pytest.mark.timeout(120)
@needs_statm
def test_entries_into_translated_code_leave_no_memory_behind() -> None:
    with Machine.load(cache=False) as machine:
        engine = translator(machine)
        machine.uart0.expect("atcmd init finished", timeout_s=10)
        machine.run(SLICE_NS)
        before, entries = resident_bytes(), engine.statistics.host_runs
        while engine.statistics.host_runs - entries < ENTRIES:
            machine.run(SLICE_NS)
        assert resident_bytes() - before < 20e6


def idle_program() -> bytes:
    """Sleep from tick to tick of the core timer, as the idle task of a kernel does; r6 is for the handler."""
    return code(
        store_word(CORE_TIMER + 4, 80_000_000 // TICKS_PER_SECOND - 1),
        store_word(CORE_TIMER + 8, 0),
        store_word(CORE_TIMER, 7),
        store_word(VIC, 1 << Irq.CORE_TIMER),
        set_register(6, CORE_TIMER),
        op("psrset", bits=Psr.IE),
        op("wait"),
        op("br", offset=-4),
    )


COUNT_TICK = code(op("ld.w", rz=3, rx=6, offset=0), op("addi", rz=5, oimm=1), op("rte"))


@pytest.mark.timeout(120)
@needs_statm
def test_minutes_of_idling_leave_no_memory_behind() -> None:
    machine = machine_of(idle_program(), engine="translator", handler=COUNT_TICK)
    machine.run(SLICE_NS)
    before = resident_bytes()
    for _ in range(IDLE_S):
        machine.run(SLICE_NS)
    assert abs(machine.registers["r5"] - (IDLE_S + 1) * TICKS_PER_SECOND) <= 2
    assert resident_bytes() - before < 20e6


def update(machine: Machine, number: int) -> None:
    """Replace the program by one that calls a function which adds another number, and start it."""
    machine.flash.load(0, code(op("bsr", offset=FUNCTION), op("br", offset=-4)))
    machine.flash.load(FUNCTION, code(op("addi", rz=7, rx=7, oimm=number), op("rts")))
    machine.reset()
    machine.registers["r7"] = 0
    machine.run(10_000)
    assert machine.registers["r7"] > 0
    assert machine.registers["r7"] % number == 0


def test_hundreds_of_updates_leave_nothing_behind() -> None:
    machine = machine_of(b"", engine="translator")
    objects = []
    for number in range(1, UPDATES + 1):
        update(machine, 1 + number % 30)
        if number % 100 == 0:
            gc.collect()
            objects.append(len(gc.get_objects()))
    assert max(objects) - min(objects) < 100
