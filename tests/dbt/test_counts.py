"""Counts of time that translated code works out by itself read as they do on the bus, and nobody can tell."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import SPIN, machine_of, set_register, store_word

from emu.dbt.count_detour import CountWords
from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import ElapsedCount
from emu.machine.machine import Machine
from emu.report.access import WatchedAccess
from emu.soc.w800 import W800

CORE_TIMER = W800.rows["core_timer"].base
BUFFER = W800.rows["shared_buffer"].base
CONTROL, LOAD, VALUE = 0, 4, 8
TIMES = 3000

LONG = store_word(CORE_TIMER + LOAD, 0xFF_FFFF) + store_word(CORE_TIMER, 1)
SHORT = store_word(CORE_TIMER + LOAD, 700) + store_word(CORE_TIMER, 1)
TICKING = store_word(CORE_TIMER + LOAD, 4000) + store_word(CORE_TIMER, 3)


def loop(*lines: bytes, times: int = TIMES) -> bytes:
    """Repeat lines, with r5 counting down, so that no round can be left out for long."""
    body = code(*lines)
    return code(set_register(5, times), body, op("bnezad", rx=5, offset=-len(body)))


def outcome(program: bytes, engine: str) -> Machine:
    machine = machine_of(code(program, SPIN), engine=engine)
    machine.run_for(0.001)
    return machine


def state(machine: Machine) -> tuple[object, ...]:
    return dict(machine.registers), machine.executed, machine.now_ns


def mix(register: int) -> bytes:
    """Make r4 depend on all reads and their order."""
    return code(op("rotli", rz=4, rx=4, imm=5), op("xor", rz=4, rx=4, ry=register))


READ = op("ld.w", rz=3, rx=6, offset=VALUE)
OWN_BASE = code(op("mov", rz=3, rx=6), op("ld.w", rz=3, rx=3, offset=VALUE))
PART = op("ld.h", rz=3, rx=6, offset=VALUE)
RELOAD = op("st.w", rz=5, rx=6, offset=VALUE)
CLEAR = op("ld.w", rz=2, rx=6, offset=CONTROL)
BODIES = {
    "one place": code(READ, mix(3)),
    "two places": code(READ, mix(3), READ, mix(3)),
    "into its own base": code(OWN_BASE, mix(3)),
    "begun anew between": code(READ, mix(3), READ, mix(3), RELOAD, READ, mix(3)),
    "another register between": code(READ, mix(3), READ, mix(3), CLEAR, mix(2), READ, mix(3)),
    "a part": code(PART, mix(3), READ, mix(3)),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("timer", [LONG, SHORT, TICKING], ids=["long", "short", "ticking"])
def test_counts_read_as_they_do_on_the_bus(timer: bytes, body: bytes) -> None:
    program = code(timer, set_register(6, CORE_TIMER), loop(body))
    machine = outcome(program, "translator")
    assert state(machine) == state(outcome(program, "interpreter"))


@pytest.mark.parametrize("body", ["one place", "two places", "into its own base"])
def test_most_of_them_do_not_leave_translated_code(body: str) -> None:
    machine = outcome(code(LONG, set_register(6, CORE_TIMER), loop(BODIES[body])), "translator")
    engine = machine.board.core.engine
    assert isinstance(engine, TranslatorEngine)
    assert machine.registers["r5"] == 0
    assert 0 < engine._host.accesses < TIMES // 10


@pytest.mark.parametrize("at_a_time", [1, 500])
def test_a_place_that_meets_memory_counts_and_other_registers_sees_what_is_there(at_a_time: int) -> None:
    addresses = BUFFER, CORE_TIMER + VALUE, CORE_TIMER + CONTROL
    turn = code(op("mov", rz=0, rx=6), op("mov", rz=6, rx=7), op("mov", rz=7, rx=8), op("mov", rz=8, rx=0))
    some = loop(op("ld.w", rz=3, rx=6, offset=0), mix(3), times=at_a_time)
    round_ = code(some, turn)
    rounds = code(round_, op("bnezad", rx=9, offset=-len(round_)))
    registers = (set_register(6 + n, value) for n, value in enumerate((*addresses, TIMES // at_a_time)))
    program = code(store_word(BUFFER, 0x1234), SHORT, *registers, rounds)
    assert state(outcome(program, "translator")) == state(outcome(program, "interpreter"))


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_a_watch_hears_of_reads_that_were_worked_out_before(engine: str) -> None:
    again = code(READ, mix(3))
    program = code(LONG, set_register(6, CORE_TIMER), again, op("br", offset=-len(again)))
    machine = outcome(program, engine)
    told: list[WatchedAccess] = []
    watchpoint = machine.watch(CORE_TIMER + VALUE, 4, kind="read", callback=told.append)
    executed = machine.executed
    machine.run_for(0.00001)
    rounds = (machine.executed - executed) / 4
    assert len(told) == pytest.approx(rounds, abs=1)
    watchpoint.remove()
    machine.run_for(0.00001)
    assert len(told) == pytest.approx(rounds, abs=1)


RISING = ElapsedCount(since=10, multiplier=25, divisor=2, start=5, rate=3, unit=7)


@pytest.mark.parametrize(
    ("count", "now", "end"),
    [
        (RISING._replace(start=-1_000_000), 100, 200),
        (RISING._replace(rate=-3, start=1_000), 100, 200),  # below 0 before the end
        (RISING._replace(rate=1 << 60, unit=1 << 40), 100, 200),
        (RISING._replace(rate=1 << 30), 100, 200),
        (RISING, 5, 200),  # before it begins
        (RISING, 200, 200),
        (RISING, 100, 1 << 60),
    ],
)
def test_what_does_not_fit_is_left_to_the_device(count: ElapsedCount, now: int, end: int) -> None:
    page = bytearray(0x4000)
    words = CountWords(page)
    before = bytes(page)
    assert not words.set(CORE_TIMER + VALUE, count, now, end, total=150)
    assert bytes(page) == before
    assert words.set(CORE_TIMER + VALUE, RISING, 100, 200, total=150)
    assert bytes(page) != before


@pytest.mark.parametrize("offset", [VALUE + 2, 0x800])
def test_polling_a_part_of_a_register_or_what_is_not_there_goes_on(offset: int) -> None:
    """Half a word that no word begins with, and an address in the window where no register is."""
    read = op("ld.h", rz=3, rx=6, offset=offset)
    program = code(LONG, set_register(6, CORE_TIMER), loop(read, mix(3)))
    assert state(outcome(program, "translator")) == state(outcome(program, "interpreter"))
