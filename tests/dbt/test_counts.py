"""Counts of time that translated code works out by itself read as they do on the bus, and nobody can tell."""

from __future__ import annotations

from functools import partial

import pytest
from cpu.program import code, op
from machine import device
from machine.device import SPIN, machine_of, set_register, store_word
from support.translator import accesses, translator

from emu.dbt.count_detour import CountWords
from emu.engine.contract import ElapsedCount
from emu.isa.state import Psr
from emu.machine.machine import Machine
from emu.report.access import WatchedAccess
from emu.soc.w800 import W800
from peripherals.vic import VectorInterruptController as Vic

CORE_TIMER = W800.rows["core_timer"].base
BUFFER = W800.rows["shared_buffer"].base
CONTROL, LOAD, VALUE = 0, 4, 8
TIMES = 3000
loop = partial(device.loop, times=TIMES)

LONG = store_word(CORE_TIMER + LOAD, 0xFF_FFFF) + store_word(CORE_TIMER, 1)
SHORT = store_word(CORE_TIMER + LOAD, 700) + store_word(CORE_TIMER, 1)
TICKING = store_word(CORE_TIMER + LOAD, 4000) + store_word(CORE_TIMER, 3)


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
    assert machine.registers["r5"] == 0
    assert 0 < accesses(machine) < TIMES // 10


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
        (RISING._replace(start=7 << 32), 100, 200),
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


def test_an_error_in_what_a_model_foresees_surfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = machine_of(code(LONG, set_register(6, CORE_TIMER), for_ever(READ)), engine="translator")

    def outlook(address: int, size_bytes: int) -> None:
        raise KeyError("model")

    monkeypatch.setattr(machine.board.bus, "outlook", outlook)
    with pytest.raises(KeyError, match="model"):
        machine.run_for(0.001)


TIMERS = W800.rows["timers"].base
CONFIG, CONTROL_OF_TIMERS, PERIOD, CURRENT = 0, 4, 8, 0x20
MICROSECONDS, START, ONCE = 39, 4, 2


def timer(control: int, period: int) -> bytes:
    """Start timer 0, in microseconds; r7 is the base of its block."""
    return code(
        store_word(TIMERS + CONFIG, MICROSECONDS),
        store_word(TIMERS + PERIOD, period),
        store_word(TIMERS + CONTROL_OF_TIMERS, control),
        set_register(7, TIMERS),
    )


def for_ever(*lines: bytes) -> bytes:
    body = code(*lines)
    return code(body, op("br", offset=-len(body)))


POLLED = op("ld.w", rz=3, rx=7, offset=CURRENT)
UNTIL_BIT_20 = code(op("btsti32", rx=3, imm=20), op("bf32", offset=-8))


def test_of_a_count_that_has_come_to_its_end_rounds_are_left_out() -> None:
    machine = machine_of(code(timer(START | ONCE, 100), POLLED, UNTIL_BIT_20), engine="translator")
    machine.run_for(0.0003)
    before = accesses(machine)
    machine.run_for(0.02)
    assert accesses(machine) - before < 1000
    assert machine.registers["r3"] == 100


def test_a_count_that_has_run_for_long_is_worked_out() -> None:
    """Most of an hour in units of the line that it is on is more than 64 bits hold."""
    program, states = code(timer(START, 0xFFFF_FFFF), for_ever(POLLED, mix(3))), []
    for engine in ("interpreter", "translator"):
        machine = machine_of(program, engine=engine)
        machine.run_for(0.00001)
        machine.board.clock.idle_until(3_000 * 1_000_000_000)
        machine.run_for(0.001)
        states.append(state(machine))
    assert states[0] == states[1]
    assert accesses(machine) < 200


def test_a_loop_stays_known_from_wait_to_wait() -> None:
    """Of a millisecond each: r1 is the beginning."""
    again = code(op("subu32", rz=3, rx=1, ry=2), op("cmphs32", rx=3, ry=8))
    read = op("ld.w", rz=2, rx=6, offset=VALUE)
    wait = code(op("ld.w", rz=1, rx=6, offset=VALUE), read, again)
    wait = code(wait, op("bf32", offset=-len(read) - len(again)))
    program = code(LONG, set_register(6, CORE_TIMER), set_register(8, 80_000), for_ever(wait))
    machine = machine_of(program, engine="translator")
    machine.run_for(0.02)
    statistics = translator(machine).statistics
    runs, left_out, executed = statistics.host_runs, statistics.left_out, machine.executed
    machine.run_for(0.1)
    assert statistics.left_out - left_out > 0.95 * (machine.executed - executed)
    assert statistics.host_runs - runs < 2.5 * 100


def test_memory_of_a_device_that_is_met_behind_counts_is_no_exit() -> None:
    """By one place, as a function that reads an address is."""
    place = code(op("ld.w", rz=3, rx=6, offset=0), mix(3))
    some, body = loop(place, times=1000), code(op("mov", rz=6, rx=7))
    ends = op("br32", offset=-len(some) - 4)
    program = code(LONG, set_register(6, CORE_TIMER + VALUE), set_register(7, BUFFER), some, body, ends)
    machine = machine_of(program, engine="translator")
    machine.run_for(0.001)
    before = accesses(machine)
    machine.run_for(0.001)
    assert accesses(machine) - before < 100


def test_reads_of_a_part_do_not_make_an_address_one_that_is_followed() -> None:
    program = code(LONG, set_register(6, CORE_TIMER), for_ever(PART, mix(3)))
    assert not translator(outcome(program, "translator"))._polls.followed


GPIO_A, GPIO_B = W800.rows["gpio_a"].base, W800.rows["gpio_b"].base
UART0 = W800.rows["uart0"].base


@pytest.mark.parametrize(
    ("address", "is_quiet"),
    [
        (GPIO_B, True),
        (CORE_TIMER + LOAD, True),
        (CORE_TIMER + CONTROL, False),  # reading clears a flag
        (UART0 + 0x1C, False),  # reading may let the time of a byte pass
        (UART0 + 0x30, False),  # reading takes a byte
    ],
)
def test_counts_are_worked_out_beside_reads_that_change_nothing(address: int, is_quiet: bool) -> None:
    """As in a loop that waits for a pin, but not for long."""
    other = op("ld.w", rz=2, rx=7, offset=0)
    body = loop(READ, mix(3), other, mix(2))
    program = code(LONG, set_register(6, CORE_TIMER), set_register(7, address), body)
    machine = outcome(program, "translator")
    assert state(machine) == state(outcome(program, "interpreter"))
    assert machine.registers["r5"] == 0
    assert (accesses(machine) < 1.1 * TIMES) == is_quiet


PIN = op("ld.w", rz=2, rx=7, offset=0)


def test_a_pin_that_is_read_again_and_again_beside_a_count_is_no_exit() -> None:
    body = loop(READ, mix(3), PIN, mix(2), times=3 * TIMES)
    program = code(LONG, set_register(6, CORE_TIMER), set_register(7, GPIO_B), body)
    machine = outcome(program, "translator")
    assert state(machine) == state(outcome(program, "interpreter"))
    assert machine.registers["r5"] == 0
    assert accesses(machine) < TIMES


def test_one_place_reads_a_pin_and_a_count_in_turn() -> None:
    """As a function that reads a register does."""
    turn = code(op("mov", rz=0, rx=6), op("mov", rz=6, rx=7), op("mov", rz=7, rx=0))
    body = loop(op("ld.w", rz=3, rx=6, offset=0), mix(3), turn, times=3 * TIMES)
    program = code(LONG, set_register(6, CORE_TIMER + VALUE), set_register(7, GPIO_B), body)
    machine = outcome(program, "translator")
    assert state(machine) == state(outcome(program, "interpreter"))
    assert accesses(machine) < TIMES


def test_a_pin_that_is_written_between_is_soon_read_as_ever() -> None:
    write = code(op("xori", rz=2, rx=2, imm=1), op("st.w", rz=2, rx=7, offset=0))
    written = loop(PIN, mix(2), write, PIN, mix(2), times=300)
    registers = code(set_register(6, CORE_TIMER), set_register(7, GPIO_B), store_word(GPIO_B + 8, 1))
    beside_count, followed = loop(READ, mix(3), PIN, mix(2)), []
    for program in (beside_count, code(beside_count, written)):
        machine = outcome(code(LONG, registers, program), "translator")
        assert state(machine) == state(outcome(code(LONG, registers, program), "interpreter"))
        followed.append(GPIO_B in translator(machine)._polls.followed)
    assert followed == [True, False]


def test_a_pin_that_is_not_followed_any_longer_is_not_tried_as_a_loop_again_and_again() -> None:
    """Polled for a while, then read twice before it is written."""
    write = op("st.w", rz=4, rx=7, offset=0)
    polled = loop(loop(PIN, times=62), write, times=3, counter=11)
    body = for_ever(polled, loop(PIN, PIN, write, times=10))
    machine = outcome(code(set_register(7, GPIO_B), body), "translator")
    assert translator(machine).statistics.host_runs < 100


def test_all_of_several_registers_that_stay_as_they_are_are_no_exit() -> None:
    write = op("st.w", rz=4, rx=7, offset=0)
    reads = [op("ld.w", rz=2, rx=base, offset=offset) for offset in (0, 4, 8) for base in (7, 8)]
    each = (loop(loop(read, times=62), write, times=3, counter=11) for read in reads)
    pairs = (loop(loop(reads[0], read, times=40), write, times=50, counter=11) for read in reads[1:])
    machine = outcome(
        code(set_register(7, GPIO_B), set_register(8, GPIO_A), *each, *pairs, SPIN), "translator"
    )
    assert machine.registers["r11"] == 0
    assert accesses(machine) < 4000


VIC = W800.rows["vic"].base
ACTIVE, REQUEST = (Vic.slots[name].offsets[0] for name in ("task_active", "task_pending"))


def test_what_an_interrupt_controller_reads_as_changes_with_a_return() -> None:
    """Translated code makes that of a task switch itself."""
    read = code(op("ld.w", rz=3, rx=6, offset=ACTIVE), mix(3))
    reads, handler = loop(read, times=200), code(loop(read, times=200, counter=7), op("rte"))
    registers = code(set_register(6, VIC), op("psrset", bits=Psr.IE))
    program = code(registers, for_ever(store_word(VIC + REQUEST, 1), reads, reads))
    states = []
    for engine in ("interpreter", "translator"):
        machine = machine_of(program, engine=engine, handler=handler)
        machine.run_for(0.002)
        states.append(state(machine))
    assert states[0] == states[1]
    assert translator(machine)._polls.followed == {VIC + ACTIVE}
