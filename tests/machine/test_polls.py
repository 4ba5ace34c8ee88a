"""Rounds of loops that wait for a device are left out, and nothing tells that they were (ADR 9)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from machine.device import UART0, machine_of
from support.polls import LOOPS, Listing, Wait, short_waits, waiting
from support.translator import accesses, translator

from emu.cycles import ONE_CYCLE, Costs
from emu.dbt.engine import TranslatorEngine
from emu.dbt.translation_options import TranslationOptions
from emu.engine.contract import CoreEvents, GuestBus, WatchedRange
from emu.engine.interpreter_engine import InterpreterEngine
from emu.isa.assembler import assemble
from emu.isa.state import CpuState
from emu.machine import Machine
from emu.machine.board import Board, BoardOptions
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.options import MachineOptions
from peripherals.framework.reset import ResetCause

MS = 1
DEAR_FLASH = Costs(flash=3, ram=2, cycles_per_unit=Fraction(1, 2))


def outcome(wait: Wait) -> tuple[Any, ...]:
    """All there is to see of a chip and its time."""
    engine = wait.board.core.engine
    return engine.executed, engine.elapsed, wait.board.clock.now_ns, wait.board.save()


def begun(name: str, *, skips: bool = True, costs: Costs = ONE_CYCLE, base: int = FLASH_BASE) -> Wait:
    wait = waiting(LOOPS[name], MS, TranslatorEngine, costs, base)
    translator(wait).skips_polls = skips
    return wait


@pytest.mark.parametrize("slice_ns", [100_000_000, 300_000])
@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_ends_as_if_every_round_had_been_executed(name: str, slice_ns: int) -> None:
    short, long = begun(name), begun(name, skips=False)
    for wait in (short, long):
        wait.run(slice_ns)
    assert outcome(short) == outcome(long)
    assert translator(long).statistics.left_out == 0
    assert accesses(short) < 0.4 * accesses(long)


@pytest.mark.parametrize("name", LOOPS)
def test_of_long_waits_most_rounds_are_left_out(name: str) -> None:
    wait = waiting(LOOPS[name], 10, TranslatorEngine)
    wait.run()
    assert translator(wait).statistics.left_out > 0.6 * translator(wait).executed


@pytest.mark.parametrize("name", ["delay", "delay from a start", "timer, through a function"])
def test_of_waits_met_again_few_reads_leave_translated_code(name: str) -> None:
    loop = short_waits(name, wait_us=20, times=30)
    short, long = (waiting(loop, MS, TranslatorEngine) for _ in range(2))
    translator(long).skips_polls = False
    for wait in (short, long):
        wait.run()
    assert outcome(short) == outcome(long)
    assert accesses(short) < 0.1 * accesses(long)


def test_a_loop_with_other_code_is_another_loop() -> None:
    outcomes = []
    for skips in (True, False):
        wait = begun("counter", skips=skips, base=SRAM_BASE)
        core, code = wait.board.core, wait.board.bus.region_at(SRAM_BASE)
        core.run(until_elapsed=10_000)
        assert bool(translator(wait).statistics.left_out) == skips
        assert code is not None
        one, two = (assemble("addi", rz=4, rx=4, oimm=step) for step in (1, 2))
        wait.board.outside.write(SRAM_BASE + code.buffer.index(one), two)
        core.run(until_elapsed=20_000)
        outcomes.append(outcome(wait))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("base", [FLASH_BASE, SRAM_BASE])
def test_memories_of_different_cost_are_counted(base: int) -> None:
    short, long = (
        begun("counter, in memory", skips=skips, costs=DEAR_FLASH, base=base) for skips in (True, False)
    )
    for wait in (short, long):
        wait.run()
    assert outcome(short) == outcome(long)
    assert translator(short).statistics.left_out > 0.6 * translator(short).executed


@pytest.mark.parametrize("name", ["counter", "delay"])
def test_the_interpreter_executes_every_round(name: str) -> None:
    translated, interpreted = begun(name), waiting(LOOPS[name], MS, InterpreterEngine)
    for wait in (translated, interpreted):
        wait.run()
    assert outcome(translated) == outcome(interpreted)


def test_a_breakpoint_in_the_loop_is_met_in_every_round() -> None:
    wait = begun("counter")
    core, statistics = wait.board.core, translator(wait).statistics
    core.run(until_elapsed=10_000)
    left_out = statistics.left_out
    core.set_breakpoints(frozenset({core.state.pc}))
    met = []
    for _ in range(100):
        core.run()
        met.append(core.state.r[4])
    assert met == list(range(met[0], met[0] + 100))
    assert statistics.left_out == left_out > 0


def test_a_watched_register_is_told_in_every_round() -> None:
    told = []
    for make_engine in (TranslatorEngine, InterpreterEngine):
        wait = waiting(LOOPS["two registers"], MS, make_engine)
        seen: list[int] = []
        wait.board.core.on_access = lambda access, seen=seen: bool(seen.append(access.address))  # type: ignore[misc]
        wait.board.core.set_watched(frozenset({WatchedRange(UART0 + 0x1C, 4, reads=True, writes=False)}))
        wait.board.core.run(until_elapsed=6000)
        told.append(seen)
    assert told[0] == told[1]
    assert len(told[0]) > 500


def test_a_flow_has_every_round() -> None:
    def make_engine(state: CpuState, bus: GuestBus, events: CoreEvents) -> TranslatorEngine:
        return TranslatorEngine(state, bus, events, options=TranslationOptions(notes_flow=True))

    wait = waiting(LOOPS["flag"], MS, make_engine)
    wait.run()
    assert translator(wait).statistics.left_out == 0


def test_a_stop_comes_in_its_time() -> None:
    short, long = begun("flag"), begun("flag", skips=False)
    for wait in (short, long):
        wait.board.clock.alarm(wait.board.core.stop).schedule(333_333)
        wait.board.core.run()
    assert outcome(short) == outcome(long)
    assert wait.board.clock.now_ns == pytest.approx(333_333, abs=100)


def test_interrupts_come_in_between() -> None:
    """The handler counts in memory; the loop reads the count, too, and ends with it."""
    p = Listing()
    p.constant(6, 0xE000_E010)
    p.constant(7, SRAM_BASE)
    p.constant(5, 10_000)
    p("st.w", rz=5, rx=6, offset=4)
    p("st.w", rz=5, rx=6, offset=8)
    p("movi", rz=5, imm=7)
    p("st.w", rz=5, rx=6, offset=0)
    p.constant(8, 0xE000_E100)
    p("movi", rz=5, imm=0)
    p("subi", rz=5, oimm=1)
    p("st.w", rz=5, rx=8, offset=0)
    p("psrset", bits=0x40)
    p.constant(6, UART0)
    p.label("loop")
    p("addi", rz=4, rx=4, oimm=1)
    p("ld.w", rz=3, rx=6, offset=0x1C)
    p("bnez", to="end", rx=3)
    p("ld.w", rz=3, rx=7, offset=0)
    p("cmphsi32", rx=3, oimm=20)
    p("bf32", to="loop")
    p.label("end")
    p("br32", to="end")
    handler = Listing()
    handler.constant(0, 0xE000_E010)
    handler("ld.w", rz=1, rx=0, offset=0)
    handler("ld.w", rz=1, rx=7, offset=0)
    handler("addi", rz=1, oimm=1)
    handler("st.w", rz=1, rx=7, offset=0)
    handler("rte")
    states = []
    for skips in (True, False):
        with machine_of(p.code, engine="translator", handler=handler.code) as machine:
            engine = translator(machine)
            engine.skips_polls = skips
            machine.run_until_address(p.address_of("end"), timeout_s=1)
            states.append((machine.executed, machine.now_ns, machine.board.save()))
            assert (engine.statistics.left_out > machine.executed // 2) == skips
    assert states[0] == states[1]


def left_out(program: Listing, base: int = FLASH_BASE) -> int:
    """How many instructions were left out of an endless loop."""
    board = Board(bytearray(b"\xff" * 0x10_0000), BoardOptions(TranslatorEngine))
    board.reset(ResetCause.POWER_ON)
    memory = board.bus.region_at(base)
    assert memory is not None
    memory.buffer[: len(program.code)] = program.code
    board.core.reset(base)
    board.core.run(until_elapsed=20_000)
    assert isinstance(board.core.engine, TranslatorEngine)
    return board.core.engine.statistics.left_out


def loop(*body: tuple[str, dict[str, int]], base: int = FLASH_BASE) -> Listing:
    """An endless loop; r6 is the base of UART0, r7 that of SRAM."""
    p = Listing(base)
    p.constant(6, UART0)
    p.constant(7, SRAM_BASE)
    p.label("loop")
    for name, operands in body:
        p(name, "", **operands)
    p("br32", to="loop")
    return p


LOAD_STATUS = "ld.w", {"rz": 3, "rx": 6, "offset": 0x1C}


@pytest.mark.parametrize(
    ("body", "is_left_out"),
    [
        ([LOAD_STATUS], True),
        ([LOAD_STATUS, ("st.w", {"rz": 3, "rx": 6, "offset": 0x14})], False),  # writes to the device
        ([("ld.w", {"rz": 3, "rx": 6, "offset": 0x30})], False),  # takes a byte
        ([LOAD_STATUS, ("mfcr", {"rz": 3, "index": 0, "bank": 0})], False),
        ([LOAD_STATUS, ("addi", {"rz": 7, "rx": 7, "oimm": 4}), ("ld.w", {"rz": 3, "rx": 7, "offset": 0})], False),
        ([LOAD_STATUS, ("rotli", {"rz": 4, "rx": 4, "imm": 1}), ("addi", {"rz": 4, "rx": 4, "oimm": 1})], False),
        ([LOAD_STATUS, ("xor32", {"rz": 4, "rx": 4, "ry": 7})], True),  # every second round is the same
        ([LOAD_STATUS, ("st.w", {"rz": 3, "rx": 7, "offset": 8}), ("ld.w", {"rz": 4, "rx": 7, "offset": 8})], True),
        ([LOAD_STATUS, ("st.w", {"rz": 3, "rx": 7, "offset": 8}), ("ld.b", {"rz": 4, "rx": 7, "offset": 9})], False),
        ([LOAD_STATUS, *[("addi", {"rz": 4, "rx": 4, "oimm": 1})] * 200], True),
        ([LOAD_STATUS, *[("addi", {"rz": 4, "rx": 4, "oimm": 1})] * 300], False),  # too long
    ],
)  # fmt: skip
def test_only_rounds_that_are_understood_are_left_out(
    body: list[tuple[str, dict[str, int]]], is_left_out: bool
) -> None:
    assert bool(left_out(loop(*body))) == is_left_out


@pytest.mark.parametrize(("offset", "is_left_out"), [(0x100, True), (0x10, False)])
def test_a_round_that_stores_into_its_own_code_is_executed(offset: int, is_left_out: bool) -> None:
    same = {"rz": 4, "rx": 7, "offset": offset}
    program = loop(LOAD_STATUS, ("ld.w", same), ("st.w", same), base=SRAM_BASE)
    assert program.address_of("loop") == SRAM_BASE + 0x10
    assert bool(left_out(program, SRAM_BASE)) == is_left_out


def test_reads_of_what_has_no_model_are_all_counted() -> None:
    with machine_of(loop(("ld.w", {"rz": 3, "rx": 6, "offset": 0x100})).code, engine="translator") as machine:
        machine.run(100_000)
        [use] = machine.board.log.uses.values()
        assert use.count == pytest.approx(machine.executed // 2, abs=4)


@pytest.mark.parametrize(
    ("options", "skips"),
    [
        ({"cache": False}, True),
        ({"cache": False, "skip_polls": False}, False),
    ],
)
def test_a_machine_is_asked_not_to(options: MachineOptions, skips: bool) -> None:
    with Machine.load(**options) as machine:
        assert translator(machine).skips_polls == skips
