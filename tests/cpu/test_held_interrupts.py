"""An interrupt that an alarm raises is taken a moment after its flag is visible (docs/adr/0007)."""

from __future__ import annotations

import pytest
from cpu.program import DOORBELL, FLASH, VECTORS, Cpu, code, op

from emu.cpu.core import DELIVERY_DELAY
from emu.cpu.core_stop import CoreStop
from emu.isa.ops import Vector
from emu.isa.state import Control, Psr

IRQ = 32 + 16
SPIN = op("br", offset=0)
CLEAR_FLAG = code(op("st.w", rz=5, rx=2, offset=0), op("rte"))
COUNT_FOREVER = code(op("addi", rz=0, oimm=1), op("br", offset=-2))
POLL = code(op("ld.w", rz=1, rx=2, offset=0), op("bez", rx=1, offset=-2))
POLL_BY_CALLS = code(
    op("br", offset=8),
    op("ld.w", rz=1, rx=2, offset=0),
    op("addi", rz=3, oimm=1),
    op("rts"),
    op("bsr", offset=-6),
    op("bez", rx=1, offset=-4),
)


class Flagged(Cpu):
    """A CPU that an alarm interrupts when its time has come; `flag` reads as 1 until a store clears it."""

    def __init__(self, engine: str, program: bytes, *, handlers: dict[int, bytes] | None = None) -> None:
        super().__init__(engine, program, handlers={IRQ: CLEAR_FLAG, **(handlers or {})})
        self.enable(Psr.EE, Psr.IE)
        self.r[2] = DOORBELL
        self.flag = 0
        self.doorbell.on_read = lambda: self.flag
        self.doorbell.on_write = self.clear_flag
        self.entered: list[tuple[int, int]] = []
        self.core.entry_observers.append(
            lambda event: self.entered.append((event.vector, self.core.engine.executed))
        )

    def clear_flag(self, value: int) -> None:
        self.flag = 0

    def interrupt_after(self, instructions: int) -> None:
        self.clock.alarm(self.raise_line).schedule(10 * instructions)

    def raise_line(self) -> None:
        self.flag = 1
        self.interrupts.request(IRQ)


@pytest.fixture(params=["interpreter", "translator"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("due", range(100, 110))
@pytest.mark.parametrize("poll", [POLL, POLL_BY_CALLS], ids=["loop", "calls"])
def test_a_poll_sees_the_flag_that_the_handler_clears(engine: str, poll: bytes, due: int) -> None:
    cpu = Flagged(engine, code(poll, op("movi", rz=4, imm=7), SPIN))
    cpu.interrupt_after(due)
    cpu.core.run(until_ns=10_000)
    assert (cpu.r[4], cpu.flag, cpu.interrupts.log) == (7, 0, [f"enter {IRQ}", "complete"])


def test_the_interrupt_is_taken_at_the_first_check_point_behind_the_delay(engine: str) -> None:
    cpu = Flagged(engine, COUNT_FOREVER)
    cpu.interrupt_after(99)
    cpu.core.run(until_ns=5000)
    assert cpu.entered == [(IRQ, 100 + DELIVERY_DELAY)]


@pytest.mark.parametrize("step_ns", [10, 30, 70, 5000])
def test_time_limits_do_not_move_it(engine: str, step_ns: int) -> None:
    cpu = Flagged(engine, COUNT_FOREVER)
    cpu.interrupt_after(99)
    while cpu.clock.now_ns < 5000:
        assert cpu.core.run(cpu.clock.now_ns + step_ns) is CoreStop.LIMIT
    assert cpu.entered == [(IRQ, 100 + DELIVERY_DELAY)]


def test_alarms_meanwhile_do_not_move_it(engine: str) -> None:
    cpu = Flagged(engine, COUNT_FOREVER)
    for instructions in (99, 101, 103, 105):
        cpu.interrupt_after(instructions)
    cpu.core.run(until_ns=5000)
    assert cpu.entered == [(IRQ, 100 + DELIVERY_DELAY)]


def test_a_sleeping_cpu_takes_it_at_once(engine: str) -> None:
    cpu = Flagged(engine, code(op("wait"), SPIN))
    cpu.interrupt_after(100)
    cpu.core.run(until_ns=5000)
    assert cpu.entered == [(IRQ, 1)]


def test_falling_asleep_ends_the_delay(engine: str) -> None:
    cpu = Flagged(engine, code(op("br", offset=4), op("bkpt"), op("jmp", rx=6), op("wait"), SPIN))
    cpu.r[6] = FLASH + 6
    cpu.interrupt_after(2)  # the jump is the only check point
    cpu.core.run(until_ns=5000)
    assert (cpu.entered, cpu.clock.now_ns) == ([(IRQ, 3)], 5000)


def test_the_end_of_a_critical_section_ends_the_delay(engine: str) -> None:
    critical = code(op("psrclr", bits=Psr.IE), op("psrset", bits=Psr.IE))
    cpu = Flagged(engine, code(op("jmp", rx=6), critical, SPIN))
    cpu.r[6] = FLASH + 2
    cpu.interrupt_after(1)
    cpu.core.run(until_ns=5000)
    assert cpu.entered == [(IRQ, 3)]


def test_an_exception_goes_first_and_the_interrupt_follows_its_return(engine: str) -> None:
    skip_trap = code(
        op("mfcr", rz=7, index=4, bank=0),
        op("addi", rz=7, oimm=4),
        op("mtcr", rx=7, index=4, bank=0),
        op("rte"),
    )
    cpu = Flagged(
        engine, code(op("jmp", rx=6), op("trap", number=1), SPIN), handlers={Vector.TRAP1: skip_trap}
    )
    cpu.r[6] = FLASH + 2
    cpu.interrupt_after(1)
    cpu.core.run(until_ns=5000)
    assert cpu.entered == [(Vector.TRAP1, 1), (IRQ, 5)]


def test_a_breakpoint_meanwhile_does_not_move_it(engine: str) -> None:
    cpu = Flagged(engine, COUNT_FOREVER)
    cpu.core.set_breakpoints(frozenset({FLASH, FLASH + 2}))
    cpu.interrupt_after(99)
    while cpu.core.run(until_ns=5000) is CoreStop.BREAKPOINT:
        pass
    assert cpu.entered == [(IRQ, 100 + DELIVERY_DELAY)]


def test_a_reset_forgets_the_delay(engine: str) -> None:
    cpu = Flagged(engine, COUNT_FOREVER)
    cpu.interrupt_after(99)
    cpu.core.run(until_ns=1000)
    assert (cpu.interrupts.pending, cpu.entered) == (IRQ, [])
    cpu.core.reset(FLASH)
    cpu.core.state.control[Control.VBR] = VECTORS
    cpu.r[2] = DOORBELL
    cpu.enable(Psr.EE, Psr.IE)
    cpu.core.run(until_ns=1010)
    assert cpu.entered == [(IRQ, 100)]
