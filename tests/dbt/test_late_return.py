"""A return that the core allows is made in translated code, and nobody can tell."""

from __future__ import annotations

import pytest
from cpu.program import DOORBELL, Cpu, code, op
from hypothesis import example, given, settings
from hypothesis import strategies as st
from machine.device import machine_of, set_register
from support.guest import DEVICE, FLASH, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import Stop, StopReason
from emu.engine.control_registers import CHR_ISE
from emu.isa.assembler import assemble
from emu.isa.ops import Vector
from emu.isa.state import SP, Control, Psr
from emu.machine.machine import Machine
from emu.soc.irq import Irq
from emu.soc.w800 import W800
from peripherals.vic import TASK_SWITCH
from peripherals.vic import VectorInterruptController as Vic

VIC = W800.rows["vic"].base
RAM = 0x2001_0000
TASK = FLASH + 0x100
TIMER = W800.rows["core_timer"].base
LINES = 1 << Irq.CORE_TIMER | 0b101
"""That the programs below play with."""

Act = tuple[str, str, int]  # instruction, register, what is stored or the bits of PSR
VALUES = (0, 1, LINES, 0xC0C0_C0C0, 1 << 31 | TASK_SWITCH << 8, 1 << 31 | 32 << 8)
SHOWN = ("set_pending", "active", "state", "threshold", "task_pending", "task_active")
SWITCH: Act = ("st.w", "task_pending", 1)
MASK: Act = ("psrclr", "psr", Psr.IE)
UNMASK: Act = ("psrset", "psr", Psr.IE)
LESS_URGENT: Act = ("st.w", "priority", 0xC0C0_C0C0)
CHECK_POINT = code(op("br", offset=4), op("br", offset=4), op("br", offset=-2))
TICKED: Act = ("ld.w", "tick", 0)
DEEPER: Act = ("subi", "r14", 4)
DELAY: Act = ("delay", "r3", 60)
THRESHOLD: Act = ("st.w", "threshold", 1 << 31 | TASK_SWITCH << 8)
PEND: Act = ("st.w", "set_pending", 1)


def host_runs(guest: Guest) -> int:
    assert isinstance(guest.engine, TranslatorEngine)
    return guest.engine.statistics.host_runs


@pytest.fixture
def guest() -> Guest:
    """In a handler that returns to TASK, which is translated; it writes a device again and again."""
    guest = Guest()
    guest.state.control |= {Control.EPC: TASK, Control.EPSR: guest.state.psr | Psr.IE | Psr.C}
    guest.state.r[2] = DEVICE
    guest.put(FLASH, assemble("rte"))
    task = Program(guest, TASK)
    task("st.w", rz=1, rx=2, offset=0)
    task("br", offset=task.to(TASK))
    guest.state.pc = TASK
    guest.run(1)
    guest.state.pc = FLASH
    return guest


def test_it_is_told_when_the_run_ends(guest: Guest) -> None:
    before = host_runs(guest)
    guest.engine.late_return.allow()
    assert guest.run(9) == Stop(StopReason.BUDGET)
    assert (guest.state.pc, guest.state.full_psr) == (TASK, guest.state.control[Control.EPSR])
    assert (guest.events.returns, host_runs(guest) - before, guest.engine.late_return.is_allowed) == (
        1,
        1,
        False,
    )


def test_it_is_told_when_a_device_asks(guest: Guest) -> None:
    told: list[int] = []

    def write(offset: int, value: int) -> None:
        told.append(guest.events.returns)
        guest.engine.late_return.tell()
        told.append(guest.events.returns)

    guest.bus.on_write = write
    guest.engine.late_return.allow()
    guest.run(9)
    assert told[:4] == [0, 1, 1, 1]


def test_a_second_one_is_told_at_once(guest: Guest) -> None:
    guest.put(TASK, assemble("rte"))
    guest.engine.late_return.allow()
    guest.engine.invalidate(TASK, 4)
    guest.run(2)
    assert (guest.events.returns, guest.state.pc) == (2, TASK)


def test_a_device_forbids_it(guest: Guest) -> None:
    guest.put(FLASH, assemble("st.w", rz=1, rx=2, offset=0), assemble("rte"))
    guest.bus.on_write = lambda offset, value: guest.engine.late_return.forbid()
    guest.engine.late_return.allow()
    guest.run(2)
    assert (guest.events.returns, guest.state.pc) == (1, TASK)


@pytest.mark.parametrize("bit", [Psr.S, Psr.MM, Psr.TM, 1 << Psr.VEC_SHIFT])
def test_one_to_another_mode_or_stack_is_left_to_python(guest: Guest, bit: int) -> None:
    guest.state.control[Control.EPSR] ^= bit
    guest.engine.late_return.allow()
    assert guest.run(1) == Stop(StopReason.BUDGET)
    assert (guest.events.returns, guest.state.pc, guest.state.psr & bit) == (
        *(1, TASK),
        guest.state.control[Control.EPSR] & bit,
    )


def test_one_among_conditional_instructions_is_not_allowed(guest: Guest) -> None:
    guest.state.held_conditions = 0b1010
    guest.engine.late_return.allow()
    assert not guest.engine.late_return.is_allowed


def test_a_snapshot_does_not_allow_it(guest: Guest) -> None:
    before = guest.engine.save()
    guest.engine.late_return.allow()
    guest.engine.restore(before)
    guest.run(1)
    assert (guest.engine.late_return.is_allowed, guest.events.returns) == (False, 1)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("st.w"), st.sampled_from(sorted(Vic.slots)), st.sampled_from(VALUES)),
        st.tuples(st.just("ld.w"), st.sampled_from(SHOWN), st.just(0)),
        st.tuples(st.just("psrset"), st.just("psr"), st.sampled_from((Psr.EE | Psr.IE, Psr.IE))),
        st.tuples(st.just("flip"), st.just("epsr"), st.sampled_from((Psr.C, Psr.IE, Psr.MM))),
        st.tuples(st.just("mtcr"), st.just("chr"), st.sampled_from((0, CHR_ISE))),
        st.sampled_from((MASK, SWITCH, TICKED, DEEPER, DELAY)),
    ),
    max_size=5,
)
CONTROLS = {"epsr": 2, "chr": 31}


def act(name: str, register: str, value: int) -> bytes:
    """An access of the interrupt controller or the timer, or a change of a control register; r3 is lost."""
    base, offset = (6, Vic.slots[register].offsets[0]) if register in Vic.slots else (8, 0)
    control = CONTROLS.get(register, 0)
    match name:
        case "st.w":
            return code(set_register(3, value), op(name, rz=3, rx=base, offset=offset))
        case "ld.w":
            mixed = code(op("rotli", rz=5, rx=5, imm=3), op("xor", rz=5, rx=5, ry=3))
            return code(op(name, rz=3, rx=base, offset=offset), mixed)
        case "mtcr":
            return code(set_register(3, value), op(name, rx=3, index=control, bank=0))
        case "flip":
            flipped = code(op("mfcr", rz=3, index=control, bank=0), op("xori", rz=3, rx=3, imm=value))
            return code(flipped, op("mtcr", rx=3, index=control, bank=0))
        case "subi":
            return op(name, rz=SP, rx=SP, oimm=value)
        case "delay":
            return code(op("movi", rz=3, imm=value), op("bnezad", rx=3, offset=0))
        case _:
            return op(name, bits=value)


def acted(acts: list[Act]) -> bytes:
    """One behind the other; what is loaded is mixed into r5."""
    return code(*(code(act(*each), CHECK_POINT) for each in acts))


def handlers(switch: bytes, interrupt: bytes) -> bytes:
    """One for all vectors: the first part for a task switch, the other for interrupts."""
    return code(
        op("mfcr", rz=7, index=0, bank=0),
        op("lsli", rz=7, rx=7, imm=8),
        op("lsri", rz=7, rx=7, imm=24),
        op("cmpnei", rx=7, imm=TASK_SWITCH),
        op("bt32", offset=4 + len(switch)),
        switch,
        interrupt,
    )


def outcome(engine: str, program: bytes, handler: bytes) -> tuple[object, ...]:
    """What comes of a run in parts; the entries of handlers in the second half are told."""
    machine: Machine = machine_of(program, engine=engine, handler=handler)
    entries: list[tuple[int, int, int]] = []
    for end_ns in range(5555, 50_000, 5555):
        machine.run_for((end_ns - machine.now_ns) / 1e9)
    observers = machine.board.core.entry_observers
    observers.append(lambda event: entries.append((event.vector, event.pc, machine.executed)))
    machine.run_for((100_000 - machine.now_ns) / 1e9)
    state = machine.board.core.save()
    return (
        state["cpu"],
        state["loop"],
        machine.executed,
        machine.now_ns,
        machine.board.soc.vic.save(),
        entries,
    )


@settings(deadline=None)
@given(ACTS, ACTS, ACTS, st.booleans(), st.sampled_from((0, CHR_ISE)), st.sampled_from((0, 100, 333)))
@example([("ld.w", "state", 0), SWITCH], [], [], False, 0, 0)
@example([("ld.w", "task_active", 0), SWITCH], [], [], False, 0, 0)
@example([SWITCH, PEND, ("ld.w", "active", 0)], [], [], False, 0, 0)
@example([("st.w", "task_active", 0), SWITCH], [], [], False, 0, 0)
@example([SWITCH], [SWITCH], [], False, 0, 0)
@example([SWITCH], [LESS_URGENT, PEND], [LESS_URGENT, PEND], True, 0, 0)
@example([LESS_URGENT, MASK, PEND, SWITCH, UNMASK], [], [], False, 0, 0)
@example([("ld.w", "threshold", 0), THRESHOLD, SWITCH], [], [], False, 0, 0)
@example(
    [LESS_URGENT, ("st.w", "task_priority", 0), PEND], [], [SWITCH, ("st.w", "task_active", 0)], True, 0, 0
)
@example([PEND, ("ld.w", "state", 0)], [("ld.w", "state", 0)], [SWITCH], False, 0, 0)
@example([PEND, ("ld.w", "state", 0)], [("ld.w", "state", 0)], [SWITCH], False, CHR_ISE, 0)
@example([], [("ld.w", "task_active", 0)], [TICKED, SWITCH], False, CHR_ISE, 333)
@example([], [("ld.w", "task_active", 0)], [SWITCH, TICKED], True, CHR_ISE, 333)
@example([], [SWITCH], [SWITCH, TICKED], True, 0, 100)
@example([], [], [SWITCH, TICKED, ("st.w", "task_pending", 0)], False, 0, 333)
@example([], [], [TICKED, SWITCH, THRESHOLD], False, 0, 333)
@example([], [], [TICKED, SWITCH, ("st.w", "active", 0)], False, 0, 333)
@example([PEND], [], [SWITCH, PEND], False, 0, 0)
@example([PEND], [DEEPER], [DEEPER, SWITCH], False, CHR_ISE, 0)
@example([PEND], [], [SWITCH, ("flip", "epsr", Psr.IE)], False, 0, 0)
@example([PEND], [], [("flip", "epsr", Psr.IE), SWITCH], False, 0, 0)
@example([PEND], [], [SWITCH, ("mtcr", "chr", 0), DEEPER], False, CHR_ISE, 0)
@example([PEND, ("ld.w", "threshold", 0)], [("st.w", "threshold", 1 << 31 | 32 << 8)], [SWITCH], False, 0, 0)
@example([], [], [TICKED, SWITCH, DELAY, DELAY], False, 0, 100)
@example([("ld.w", "task_pending", 0), TICKED], [], [TICKED], False, 0, 100)  # polled when an alarm is due
def test_tasks_and_handlers_that_play_with_the_interrupt_controller(
    task: list[Act], switch: list[Act], interrupt: list[Act], is_nested: bool, chr_: int, clocks: int
) -> None:
    loop = code(acted(task), op("addi", rz=4, oimm=1))
    program = code(
        *(set_register(6, VIC), set_register(8, TIMER), set_register(SP, RAM)),
        *(set_register(3, RAM + 0x1000), op("mtcr", rx=3, index=15, bank=1)),
        *(set_register(3, chr_), op("mtcr", rx=3, index=31, bank=0)),
        *(set_register(3, LINES), op("st.w", rz=3, rx=6, offset=Vic.slots["set_enable"].offsets[0])),
        *(set_register(3, clocks), op("st.w", rz=3, rx=8, offset=4), op("st.w", rz=3, rx=8, offset=8)),
        *(set_register(3, 7), op("st.w", rz=3, rx=8, offset=0)),
        *(op("psrset", bits=Psr.IE), loop, op("br", offset=-len(loop))),
    )
    begin, end = (op("nie"), op("nir")) if is_nested else (b"", op("rte"))
    handler = handlers(code(begin, acted(switch), end), code(begin, acted(interrupt), end))
    assert outcome("translator", program, handler) == outcome("interpreter", program, handler)


def test_an_exception_in_the_handler_forbids_it() -> None:
    """Its return may be to conditional instructions."""
    seen: list[bool] = []
    trap = code(op("st.w", rz=1, rx=2, offset=0), op("br", offset=0))
    fault = code(op("psrset", bits=Psr.EE), op("ld.w", rz=1, rx=2, offset=0x100))  # nobody answers
    handled: dict[int, bytes] = {Vector.TSPEND: fault, Vector.ACCESS_ERROR: trap}
    cpu = Cpu("translator", op("br", offset=0), handlers=handled)
    cpu.r[2] = DOORBELL
    cpu.interrupts.completes_quietly = True
    cpu.doorbell.on_write = lambda value: seen.append(cpu.core.engine.late_return.is_allowed)
    cpu.core.entry_observers.append(lambda event: seen.append(cpu.core.engine.late_return.is_allowed))
    cpu.enable(Psr.EE, Psr.IE)
    cpu.interrupts.request(Vector.TSPEND)
    cpu.core.run(until_ns=1000)
    assert seen == [False, True, False]
