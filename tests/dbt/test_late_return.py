"""A return that the core allows is made in translated code, and nobody can tell."""

from __future__ import annotations

import pytest
from cpu.program import DOORBELL, Cpu, code, op
from hypothesis import example, given
from hypothesis import strategies as st
from machine.device import machine_of, set_register
from support.guest import DEVICE, FLASH, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import Stop, StopReason
from emu.isa.assembler import assemble
from emu.isa.ops import Vector
from emu.isa.state import SP, Control, Psr
from emu.machine.machine import Machine
from emu.soc.w800 import W800
from peripherals.vic import TASK_SWITCH
from peripherals.vic import VectorInterruptController as Vic

VIC = W800.rows["vic"].base
RAM = 0x2001_0000
TASK = FLASH + 0x100
LINES = 0b101
"""That the programs below play with."""

Act = tuple[str, str, int]  # instruction, register, what is stored or the bits of PSR
VALUES = (0, 1, LINES, 0xC0C0_C0C0, 1 << 31 | TASK_SWITCH << 8)
SHOWN = ("set_pending", "active", "state", "threshold", "task_pending", "task_active")
SWITCH: Act = ("st.w", "task_pending", 1)
MASK: Act = ("psrclr", "psr", Psr.IE)
UNMASK: Act = ("psrset", "psr", Psr.IE)
LESS_URGENT: Act = ("st.w", "priority", 0xC0C0_C0C0)
CHECK_POINT = code(op("br", offset=4), op("br", offset=4), op("br", offset=-2))
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
        st.just(MASK),
        st.just(SWITCH),
    ),
    max_size=6,
)


def acted(acts: list[Act]) -> bytes:
    """Stores to the interrupt controller, and loads that r5 depends on from then on."""
    lines = []
    for name, register, value in acts:
        if name == "st.w":
            lines += [set_register(3, value), op(name, rz=3, rx=6, offset=Vic.slots[register].offsets[0])]
        elif name == "ld.w":
            lines.append(op(name, rz=3, rx=6, offset=Vic.slots[register].offsets[0]))
            lines += [op("rotli", rz=5, rx=5, imm=3), op("xor", rz=5, rx=5, ry=3)]
        else:
            lines.append(op(name, bits=value))
        lines.append(CHECK_POINT)
    return code(*lines)


def outcome(engine: str, program: bytes, handler: bytes) -> tuple[object, ...]:
    machine: Machine = machine_of(program, engine=engine, handler=handler)
    machine.run_for(0.0001)
    state = machine.board.core.save()
    return state["cpu"], state["loop"], machine.executed, machine.now_ns, machine.board.soc.vic.save()


@given(ACTS, ACTS, st.booleans())
@example([SWITCH, ("ld.w", "state", 0)], [], False)
@example([SWITCH, ("ld.w", "task_active", 0)], [], False)
@example([SWITCH, PEND, ("ld.w", "active", 0)], [], False)
@example([SWITCH, ("st.w", "task_active", 0), SWITCH], [], False)
@example([SWITCH], [SWITCH], False)
@example([SWITCH], [LESS_URGENT, PEND], True)
@example([LESS_URGENT, MASK, PEND, SWITCH, UNMASK], [], False)
@example([("st.w", "threshold", 1 << 31 | TASK_SWITCH << 8), SWITCH, ("ld.w", "threshold", 0)], [], False)
@example([LESS_URGENT, ("st.w", "task_priority", 0), PEND], [SWITCH, ("st.w", "task_active", 0)], True)
def test_tasks_and_handlers_that_play_with_the_interrupt_controller(
    task: list[Act], handler: list[Act], is_nested: bool
) -> None:
    loop = code(acted(task), op("addi", rz=4, oimm=1))
    program = code(
        *(set_register(6, VIC), set_register(SP, RAM), set_register(3, LINES)),
        op("st.w", rz=3, rx=6, offset=Vic.slots["set_enable"].offsets[0]),
        *(op("psrset", bits=Psr.IE), loop, op("br", offset=-len(loop))),
    )
    body = acted(handler)
    handles = code(op("nie"), body, op("nir")) if is_nested else code(body, op("rte"))
    assert outcome("translator", program, handles) == outcome("interpreter", program, handles)


def test_an_exception_in_the_handler_forbids_it() -> None:
    """Its return may be to conditional instructions."""
    seen: list[bool] = []
    trap = code(op("st.w", rz=1, rx=2, offset=0), op("br", offset=0))
    handlers = {Vector.TSPEND: code(op("psrset", bits=Psr.EE), op("trap", number=1)), Vector.TRAP1: trap}
    cpu = Cpu("translator", op("br", offset=0), handlers=handlers)
    cpu.r[2] = DOORBELL
    cpu.interrupts.completes_quietly = True
    cpu.doorbell.on_write = lambda value: seen.append(cpu.core.engine.late_return.is_allowed)
    cpu.core.entry_observers.append(lambda event: seen.append(cpu.core.engine.late_return.is_allowed))
    cpu.enable(Psr.EE, Psr.IE)
    cpu.interrupts.request(Vector.TSPEND)
    cpu.core.run(until_ns=1000)
    assert seen == [False, True, False]
