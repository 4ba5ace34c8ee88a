"""The run loop: alarms, interrupts, exceptions and sleep happen at the same instruction on both engines."""

from __future__ import annotations

import pytest
from cpu.program import DOORBELL, FLASH, STACK, Cpu, code, handler_of, op, vectors

from emu.cpu.core import ExceptionEvent
from emu.cpu.core_stop import CoreStop
from emu.isa.ops import Vector
from emu.isa.state import Control, Psr

IRQ = 32 + 16
SPIN = op("br", offset=0)
COUNT_FOREVER = code(op("addi", rz=0, oimm=1), op("br", offset=-2))
RING = code(op("st.w", rz=1, rx=2, offset=0))


@pytest.fixture(params=["interpreter", "translator"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_time_limit_ends_the_run_at_the_next_check_point(engine: str) -> None:
    cpu = Cpu(engine, COUNT_FOREVER)
    assert cpu.core.run(until_ns=995) is CoreStop.LIMIT
    assert (cpu.clock.now_ns, cpu.r[0]) == (1000, 50)


def test_two_short_runs_are_one_long_run(engine: str) -> None:
    whole, parts = Cpu(engine, COUNT_FOREVER), Cpu(engine, COUNT_FOREVER)
    whole.core.run(until_ns=100_000)
    for until_ns in range(7, 100_000, 3333):
        parts.core.run(until_ns)
    parts.core.run(until_ns=100_000)
    assert parts.core.state == whole.core.state
    assert parts.clock.now_ns == whole.clock.now_ns


def test_alarms_fire_at_the_first_check_point_after_their_time(engine: str) -> None:
    cpu = Cpu(engine, COUNT_FOREVER)
    fired: list[int] = []
    cpu.clock.alarm(lambda: fired.append(cpu.clock.now_ns)).schedule(1005)
    cpu.core.run(until_ns=5000)
    assert fired == [1020]


def test_an_alarm_scheduled_by_a_device_access_ends_the_slice_in_time(engine: str) -> None:
    cpu = Cpu(engine, code(RING, COUNT_FOREVER))
    cpu.r[2] = DOORBELL
    fired: list[int] = []
    alarm = cpu.clock.alarm(lambda: fired.append(cpu.clock.now_ns))
    cpu.doorbell.on_write = lambda value: alarm.schedule(200)
    cpu.core.run(until_ns=10_000)
    assert fired == [210]


def test_a_limit_comes_nearer_where_a_device_lets_time_pass(engine: str) -> None:
    body = code(op("st.w", rz=1, rx=0, offset=0), *[op("addi", rz=2, oimm=1)] * 3)
    cpu = Cpu(engine, code(body, op("br", offset=-len(body))))
    cpu.r[0] = DOORBELL
    rings: list[int] = []

    def ring(_: int) -> None:
        rings.append(cpu.clock.now_ns)
        cpu.clock.idle_until(cpu.clock.now_ns + 10_000)

    cpu.doorbell.on_write = ring
    assert cpu.core.run(15_000) is CoreStop.LIMIT
    assert len(rings) == 2
    assert cpu.clock.now_ns < 21_000


def test_an_interrupt_is_taken_and_returned_from(engine: str) -> None:
    handler = code(op("addi", rz=5, oimm=1), op("rte"))
    cpu = Cpu(engine, COUNT_FOREVER, handlers={IRQ: handler})
    cpu.enable(Psr.EE, Psr.IE)
    cpu.clock.alarm(lambda: cpu.interrupts.request(IRQ)).schedule(1000)
    cpu.core.run(until_ns=2000)
    assert cpu.r[5] == 1
    assert cpu.interrupts.log == [f"enter {IRQ}", "complete"]
    assert cpu.core.state.control[Control.EPC] == FLASH
    assert cpu.core.state.psr & (Psr.EE | Psr.IE) == Psr.EE | Psr.IE
    assert (cpu.r[0], cpu.clock.now_ns) == (99, 2000)


@pytest.mark.parametrize("enabled", [0, Psr.EE, Psr.IE])
def test_an_interrupt_waits_for_both_enables(engine: str, enabled: int) -> None:
    cpu = Cpu(engine, COUNT_FOREVER)
    cpu.enable(enabled)
    cpu.interrupts.request(IRQ)
    cpu.core.run(until_ns=2000)
    assert cpu.interrupts.log == []


def test_a_pending_interrupt_is_taken_right_behind_psrset(engine: str) -> None:
    program = code(op("movi", rz=1, imm=1), op("psrset", bits=Psr.EE | Psr.IE), op("movi", rz=1, imm=2), SPIN)
    cpu = Cpu(engine, program)
    cpu.interrupts.request(IRQ)
    cpu.core.run(until_ns=1000)
    assert (cpu.pc, cpu.r[1]) == (handler_of(IRQ), 1)
    assert cpu.core.state.control[Control.EPC] == FLASH + 6


def test_an_interrupt_raised_by_a_store_is_taken_at_the_next_check_point(engine: str) -> None:
    program = code(RING, op("movi", rz=1, imm=2), op("movi", rz=3, imm=3), SPIN)
    cpu = Cpu(engine, program)
    cpu.r[2] = DOORBELL
    cpu.enable(Psr.EE, Psr.IE)
    cpu.doorbell.on_write = lambda value: cpu.interrupts.request(IRQ)
    cpu.core.run(until_ns=1000)
    assert (cpu.pc, cpu.r[3]) == (handler_of(IRQ), 3)
    assert cpu.core.state.control[Control.EPC] == FLASH + 6


def test_interrupts_nest_when_the_handler_allows_it(engine: str) -> None:
    outer = code(op("nie"), op("addi", rz=5, oimm=1), RING, SPIN)
    inner = code(op("addi", rz=6, oimm=1), op("rte"))
    cpu = Cpu(engine, COUNT_FOREVER, handlers={IRQ: outer, IRQ + 1: inner})
    cpu.r[2] = DOORBELL
    cpu.doorbell.on_write = lambda value: cpu.interrupts.request(IRQ + 1)
    cpu.enable(Psr.EE, Psr.IE)
    cpu.interrupts.request(IRQ)
    cpu.core.run(until_ns=1000)
    assert cpu.interrupts.log == [f"enter {IRQ}", f"enter {IRQ + 1}", "complete"]
    assert (cpu.r[5], cpu.r[6], cpu.r[14]) == (1, 1, STACK - 8)


def test_returning_from_a_trap_completes_no_interrupt(engine: str) -> None:
    skip_and_return = code(
        op("mfcr", rz=3, index=4, bank=0),
        op("addi", rz=3, oimm=4),
        op("mtcr", rx=3, index=4, bank=0),
        op("rte"),
    )
    cpu = Cpu(engine, code(op("trap", number=1), SPIN), handlers={Vector.TRAP1: skip_and_return})
    cpu.enable(Psr.EE)
    cpu.core.run(until_ns=1000)
    assert (cpu.pc, cpu.interrupts.log) == (FLASH + 4, [])


def test_sleep_skips_to_the_alarm_that_wakes(engine: str) -> None:
    cpu = Cpu(engine, code(op("wait"), op("movi", rz=1, imm=1), SPIN))
    cpu.clock.alarm(lambda: None).schedule(500)
    cpu.clock.alarm(lambda: cpu.interrupts.request(IRQ)).schedule(1_000_000_000)
    assert cpu.core.run(until_ns=1_000_000_050) is CoreStop.LIMIT
    assert (cpu.r[1], cpu.core.engine.executed) == (1, 6)


def test_sleep_ends_at_the_time_limit_and_goes_on_afterwards(engine: str) -> None:
    cpu = Cpu(engine, code(op("wait"), op("movi", rz=1, imm=1), SPIN))
    cpu.clock.alarm(lambda: cpu.interrupts.request(IRQ)).schedule(1000)
    assert cpu.core.run(until_ns=400) is CoreStop.LIMIT
    assert (cpu.clock.now_ns, cpu.r[1]) == (400, 0)
    cpu.core.run(until_ns=1020)
    assert cpu.r[1] == 1


def test_wait_returns_at_once_if_something_is_pending(engine: str) -> None:
    cpu = Cpu(engine, code(op("wait"), SPIN))
    cpu.interrupts.request(IRQ)
    cpu.core.run(until_ns=30)
    assert (cpu.pc, cpu.clock.now_ns) == (FLASH + 4, 30)


def test_sleep_without_any_alarm_is_reported(engine: str) -> None:
    cpu = Cpu(engine, code(op("stop"), SPIN))
    assert cpu.core.run() is CoreStop.SLEEPING
    assert (cpu.pc, cpu.clock.now_ns) == (FLASH + 4, 10)
    cpu.interrupts.request(IRQ)
    assert cpu.core.run(until_ns=100) is CoreStop.LIMIT


def test_somebody_may_stop_the_run(engine: str) -> None:
    cpu = Cpu(engine, code(op("addi", rz=1, oimm=1), RING, op("br", offset=-4)))
    cpu.r[2] = DOORBELL
    cpu.doorbell.on_write = lambda value: cpu.core.stop() if value == 3 else None
    assert cpu.core.run() is CoreStop.STOPPED
    assert cpu.r[1] == 3
    assert cpu.core.run(until_ns=cpu.clock.now_ns + 60) is CoreStop.LIMIT


def test_an_exception_goes_to_its_handler_and_is_told_before(engine: str) -> None:
    cpu = Cpu(engine, code(op("nor", rz=0, rx=0), RING, SPIN))
    cpu.r[2] = 0x7000_0000
    cpu.enable(Psr.EE)
    events: list[tuple[ExceptionEvent, int]] = []
    cpu.core.entry_observers.append(lambda event: events.append((event, cpu.pc)))
    cpu.core.run(until_ns=100)
    assert events == [(ExceptionEvent(Vector.ACCESS_ERROR, FLASH + 2, 0x7000_0000), FLASH + 2)]
    assert cpu.pc == handler_of(Vector.ACCESS_ERROR)
    assert cpu.core.state.control[Control.EPC] == FLASH + 2


def test_an_exception_with_exceptions_off_is_unrecoverable(engine: str) -> None:
    cpu = Cpu(engine, op("bkpt"))
    assert cpu.core.run(until_ns=100) is CoreStop.LIMIT
    assert cpu.pc == handler_of(Vector.UNRECOVERABLE)


def test_the_core_locks_up_when_the_last_handler_fails_at_once(engine: str) -> None:
    broken: dict[int, bytes] = {Vector.BREAKPOINT: op("bkpt"), Vector.UNRECOVERABLE: op("bkpt")}
    cpu = Cpu(engine, code(op("addi", rz=0, oimm=1), op("bkpt")), handlers=broken)
    cpu.enable(Psr.EE)
    events: list[ExceptionEvent] = []
    cpu.core.entry_observers.append(events.append)
    assert cpu.core.run() is CoreStop.LOCKED_UP
    assert [event.pc for event in events] == [
        FLASH + 2, handler_of(Vector.BREAKPOINT), handler_of(Vector.UNRECOVERABLE)
    ]  # fmt: skip


def test_the_core_locks_up_when_there_is_no_vector_table(engine: str) -> None:
    cpu = Cpu(engine, code(op("addi", rz=0, oimm=1), op("bkpt")))
    cpu.core.state.control[Control.VBR] = 0x6000_0000
    cpu.enable(Psr.EE)
    events: list[ExceptionEvent] = []
    cpu.core.entry_observers.append(events.append)
    assert cpu.core.run() is CoreStop.LOCKED_UP
    assert vectors(events) == [Vector.BREAKPOINT, Vector.UNRECOVERABLE]
    assert events[1].address == 0x6000_0000 + 4 * Vector.BREAKPOINT


def test_a_breakpoint_is_reported_once_each_time_it_is_reached(engine: str) -> None:
    cpu = Cpu(engine, COUNT_FOREVER)
    cpu.core.set_breakpoints(frozenset({FLASH}))
    for count in range(5):
        assert cpu.core.run() is CoreStop.BREAKPOINT
        assert cpu.r[0] == count


def test_a_breakpoint_on_a_handler_is_seen_before_its_first_instruction(engine: str) -> None:
    cpu = Cpu(engine, COUNT_FOREVER, handlers={IRQ: code(op("addi", rz=5, oimm=1), op("rte"))})
    cpu.enable(Psr.EE, Psr.IE)
    cpu.core.set_breakpoints(frozenset({handler_of(IRQ)}))
    cpu.clock.alarm(lambda: cpu.interrupts.request(IRQ)).schedule(1000)
    assert cpu.core.run(until_ns=5000) is CoreStop.BREAKPOINT
    assert (cpu.pc, cpu.r[5]) == (handler_of(IRQ), 0)
    assert cpu.core.run(until_ns=5000) is CoreStop.LIMIT
    assert cpu.r[5] == 1


def test_a_time_limit_holds_after_a_breakpoint_too(engine: str) -> None:
    cpu = Cpu(engine, code(op("movi", rz=1, imm=1), COUNT_FOREVER))
    cpu.core.set_breakpoints(frozenset({FLASH + 2}))
    cpu.core.run()
    cpu.core.set_breakpoints(frozenset())
    assert cpu.core.run(until_ns=2000) is CoreStop.LIMIT
    assert cpu.clock.now_ns == 2010


@pytest.mark.parametrize("places", [(), (FLASH,), (FLASH + 2,), (FLASH + 4,), (FLASH, FLASH + 2, FLASH + 6)])
def test_watching_does_not_change_the_timeline(engine: str, places: tuple[int, ...]) -> None:
    program = code(
        op("addi", rz=0, oimm=1),
        op("br", offset=4),
        op("bkpt"),
        op("addi", rz=1, oimm=1),
        op("br", offset=-8),
    )
    cpu = Cpu(engine, program, handlers={IRQ: code(op("addu", rz=5, rx=0), op("rte"))})
    cpu.enable(Psr.EE, Psr.IE)

    def tick() -> None:
        cpu.interrupts.request(IRQ)
        alarm.schedule(770)

    alarm = cpu.clock.alarm(tick)
    alarm.schedule(770)
    cpu.core.set_breakpoints(frozenset(places))
    while cpu.core.run(until_ns=20_000) is CoreStop.BREAKPOINT:
        pass
    assert (cpu.r[0], cpu.r[1], cpu.r[5], cpu.clock.now_ns) == (488, 488, 6250, 20_020)


def test_reset_leaves_nothing_of_the_past(engine: str) -> None:
    cpu = Cpu(engine, code(op("movi", rz=1, imm=9), op("wait")))
    cpu.core.run()
    cpu.core.reset(FLASH + 0x100)
    assert (cpu.pc, cpu.r[1], cpu.core.state.full_psr, cpu.core.state.control) == (
        FLASH + 0x100,
        0,
        Psr.RESET,
        {},
    )


def test_a_halted_cpu_waits_for_its_clock_whatever_is_pending(engine: str) -> None:
    cpu = Cpu(engine, code(RING, COUNT_FOREVER))
    cpu.r[2] = DOORBELL
    cpu.enable(Psr.EE, Psr.IE)
    cpu.doorbell.on_write = lambda value: cpu.core.set_halted(True)
    cpu.clock.alarm(lambda: cpu.interrupts.request(IRQ)).schedule(1000)
    cpu.clock.alarm(lambda: cpu.core.set_halted(False)).schedule(5000)
    assert cpu.core.run(until_ns=4000) is CoreStop.LIMIT
    assert (cpu.r[0], cpu.interrupts.log) == (1, [])
    cpu.core.run(until_ns=5010)
    assert cpu.interrupts.log == [f"enter {IRQ}"]


WAIT_LOOP = code(op("wait"), op("br", offset=-4))


def test_a_loop_that_no_pending_interrupt_can_end_sleeps_to_the_next_alarm(engine: str) -> None:
    cpu = Cpu(engine, WAIT_LOOP)  # PSR.IE and PSR.EE are clear
    cpu.interrupts.request(IRQ)

    def tick() -> None:
        alarm.schedule(1_000_000)

    alarm = cpu.clock.alarm(tick)
    tick()
    assert cpu.core.run(until_ns=100_500_000) is CoreStop.LIMIT
    assert cpu.clock.now_ns == 100_500_000
    assert cpu.core.engine.executed < 1000


def test_such_a_loop_without_any_alarm_sleeps_for_ever(engine: str) -> None:
    cpu = Cpu(engine, WAIT_LOOP)
    cpu.interrupts.request(IRQ)
    assert cpu.core.run() is CoreStop.SLEEPING


def test_a_loop_that_counts_around_wait_is_executed(engine: str) -> None:
    cpu = Cpu(engine, code(op("addi", rz=0, oimm=1), op("wait"), op("br", offset=-6)))
    cpu.interrupts.request(IRQ)
    cpu.core.run(until_ns=3000)
    assert cpu.r[0] == 100
