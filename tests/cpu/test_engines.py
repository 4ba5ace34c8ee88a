"""Both engines keep the contract of emu/engine/contract.py, to the instruction."""

from __future__ import annotations

import pytest
from cpu.program import DOORBELL, FLASH, RAM, Cpu, code, op

from emu.engine.contract import Stop, StopReason
from emu.isa.ops import LowPower, Vector
from emu.isa.state import Psr

COUNTDOWN = code(
    op("movi", rz=0, imm=100), op("subi", rz=0, oimm=1), op("bnez", rx=0, offset=-2), op("br", offset=0)
)


@pytest.fixture(params=["interpreter", "translator"])
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_budget_is_tested_at_backward_branches_only(engine_name: str) -> None:
    program = code(*[op("addi", rz=1, oimm=1)] * 50, op("br", offset=-100))
    cpu = Cpu(engine_name, program)
    assert cpu.run_engine(10) == Stop(StopReason.BUDGET)
    assert (cpu.pc, cpu.core.engine.executed, cpu.r[1]) == (FLASH, 51, 50)


def test_a_run_ends_at_the_first_check_point_with_the_budget_used_up(engine_name: str) -> None:
    cpu = Cpu(engine_name, COUNTDOWN)
    assert cpu.run_engine(21).reason is StopReason.BUDGET
    assert (cpu.pc, cpu.core.engine.executed, cpu.r[0]) == (FLASH + 2, 21, 90)
    assert cpu.run_engine(1).reason is StopReason.BUDGET
    assert (cpu.core.engine.executed, cpu.r[0]) == (23, 89)


def test_a_forward_branch_is_no_check_point(engine_name: str) -> None:
    program = code(op("br", offset=4), op("bkpt"), op("movi", rz=1, imm=5), op("br", offset=0))
    cpu = Cpu(engine_name, program)
    cpu.run_engine(1)
    assert (cpu.pc, cpu.r[1], cpu.core.engine.executed) == (FLASH + 6, 5, 3)


def test_calls_and_returns_are_check_points(engine_name: str) -> None:
    program = code(op("bsr", offset=8), op("br", offset=0), op("bkpt"), op("rts"))
    cpu = Cpu(engine_name, program)
    cpu.run_engine(1)  # bsr goes forwards: no check point; rts is a computed jump
    assert (cpu.pc, cpu.core.engine.executed) == (FLASH + 4, 2)


def test_a_computed_jump_forwards_is_a_check_point(engine_name: str) -> None:
    program = code(op("jmp", rx=2), op("bkpt"), op("br", offset=0))
    cpu = Cpu(engine_name, program)
    cpu.r[2] = FLASH + 4
    cpu.run_engine(1)
    assert (cpu.pc, cpu.core.engine.executed) == (FLASH + 4, 1)


@pytest.mark.parametrize("oimm", [2, 4])
def test_a_computed_jump_to_the_next_instruction_is_a_check_point(engine_name: str, oimm: int) -> None:
    jump = op("jmp16" if oimm == 2 else "jmp32", rx=2)
    cpu = Cpu(engine_name, code(jump, op("movi", rz=1, imm=1), op("br", offset=0)))
    cpu.r[2] = FLASH + oimm
    cpu.run_engine(1)
    assert (cpu.pc, cpu.r[1]) == (FLASH + oimm, 0)


def test_time_is_exact_inside_a_device_access(engine_name: str) -> None:
    program = code(
        op("movih", rz=2, imm=DOORBELL >> 16),
        op("nor", rz=3, rx=3),
        op("ld.w", rz=1, rx=2, offset=0),
        op("br", offset=0),
    )
    cpu = Cpu(engine_name, program)
    seen: list[tuple[int, int, int]] = []

    def read() -> int:
        seen.append((cpu.core.engine.executed, cpu.core.engine.current_pc, cpu.clock.now_ns))
        return 0x1234_5678

    cpu.doorbell.on_read = read
    cpu.run_engine(1)
    assert seen == [(2, FLASH + 6, 20)]
    assert cpu.r[1] == 0x1234_5678


def test_a_run_can_be_shortened_from_inside_a_device_access(engine_name: str) -> None:
    loop = code(op("st.w", rz=1, rx=2, offset=0), op("addi", rz=1, oimm=1), op("br", offset=-4))
    cpu = Cpu(engine_name, code(op("movih", rz=2, imm=DOORBELL >> 16), loop))

    def write(value: int) -> None:
        if value == 5:
            cpu.core.engine.end_at(0)

    cpu.doorbell.on_write = write
    assert cpu.run_engine(1_000_000).reason is StopReason.BUDGET
    assert (cpu.r[1], cpu.pc, cpu.core.engine.executed) == (6, FLASH + 4, 1 + 6 * 3)


def test_a_later_end_does_not_lengthen_a_run(engine_name: str) -> None:
    loop = code(op("st.w", rz=1, rx=2, offset=0), op("addi", rz=1, oimm=1), op("br", offset=-4))
    cpu = Cpu(engine_name, code(op("movih", rz=2, imm=DOORBELL >> 16), loop))
    cpu.doorbell.on_write = lambda value: cpu.core.engine.end_at(1000)
    cpu.run_engine(10)
    assert cpu.core.engine.executed == 10


@pytest.mark.parametrize(
    ("instruction", "vector"),
    [
        (op("trap", number=2), Vector.TRAP2),
        (op("bkpt"), Vector.BREAKPOINT),
        (op("divu", rz=1, rx=2, ry=3), Vector.DIVIDE_BY_ZERO),
        (b"\xff\xff\xff\xff", Vector.ILLEGAL_INSTRUCTION),
    ],
)
def test_an_exception_leaves_the_instruction_undone(
    engine_name: str, instruction: bytes, vector: Vector
) -> None:
    cpu = Cpu(engine_name, code(op("movi", rz=4, imm=1), instruction))
    assert cpu.run_engine(100) == Stop(StopReason.EXCEPTION, vector=vector)
    assert (cpu.pc, cpu.core.engine.executed) == (FLASH + 2, 1)


@pytest.mark.parametrize(
    ("address", "offset", "vector", "fault"),
    [
        (0x5000_0000, 4, Vector.ACCESS_ERROR, 0x5000_0004),
        (RAM + 2, 0, Vector.MISALIGNED, RAM + 2),
        (DOORBELL + 0x100, 0, Vector.ACCESS_ERROR, DOORBELL + 0x100),
        (0xFFFF_FFFC, 8, Vector.ACCESS_ERROR, 4),
        (FLASH, 0, Vector.ACCESS_ERROR, FLASH),
    ],
)
def test_a_refused_store_names_its_address(
    engine_name: str, address: int, offset: int, vector: Vector, fault: int
) -> None:
    cpu = Cpu(engine_name, code(op("movi", rz=4, imm=1), op("st.w", rz=4, rx=2, offset=offset)))
    cpu.r[2] = address
    assert cpu.run_engine(100) == Stop(StopReason.EXCEPTION, vector=vector, address=fault)
    assert (cpu.pc, cpu.core.engine.executed) == (FLASH + 2, 1)


@pytest.mark.parametrize("target", [0x5000_0000, DOORBELL])
def test_a_jump_to_where_no_memory_is_fails_at_the_target(engine_name: str, target: int) -> None:
    cpu = Cpu(engine_name, op("jmp", rx=2))
    cpu.r[2] = target
    stop = cpu.run_engine(1000)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=target)
    assert (cpu.pc, cpu.core.engine.executed) == (target, 1)


def test_low_power_is_reported_behind_the_instruction(engine_name: str) -> None:
    cpu = Cpu(engine_name, code(op("movi", rz=1, imm=1), op("doze"), op("br", offset=0)))
    assert cpu.run_engine(100) == Stop(StopReason.LOW_POWER, mode=LowPower.DOZE)
    assert (cpu.pc, cpu.core.engine.executed) == (FLASH + 6, 2)


def test_enabling_interrupts_ends_the_run_only_while_one_is_pending(engine_name: str) -> None:
    program = code(op("psrset", bits=Psr.EE | Psr.IE), op("movi", rz=1, imm=1), op("br", offset=0))
    cpu = Cpu(engine_name, program)
    cpu.core.engine.set_interrupt_pending(True)
    assert cpu.run_engine(100) == Stop(StopReason.ATTENTION)
    assert (cpu.pc, cpu.core.engine.executed) == (FLASH + 4, 1)
    cpu = Cpu(engine_name, program)
    assert cpu.run_engine(2) == Stop(StopReason.BUDGET)
    assert cpu.r[1] == 1


@pytest.mark.parametrize(
    ("pending", "budget", "reason"), [(True, 100, StopReason.ATTENTION), (False, 1, StopReason.BUDGET)]
)
def test_a_return_from_an_exception_is_a_check_point_and_heeds_a_pending_interrupt(
    engine_name: str, pending: bool, budget: int, reason: StopReason
) -> None:
    cpu = Cpu(engine_name, op("rte"))
    cpu.core.state.control[(4, 0)] = FLASH + 0x100
    cpu.core.state.control[(2, 0)] = Psr.RESET | Psr.EE | Psr.C
    cpu.core.engine.set_interrupt_pending(pending)
    assert cpu.run_engine(budget) == Stop(reason)
    assert (cpu.pc, cpu.core.state.full_psr) == (FLASH + 0x100, Psr.RESET | Psr.EE | Psr.C)


def test_a_breakpoint_stops_before_its_instruction_and_is_left_by_running(engine_name: str) -> None:
    cpu = Cpu(engine_name, COUNTDOWN)
    cpu.core.engine.set_breakpoints(frozenset({FLASH + 2}))
    for left in (100, 99, 98):
        assert cpu.run_engine(1000) == Stop(StopReason.BREAKPOINT)
        assert (cpu.pc, cpu.r[0]) == (FLASH + 2, left)
    cpu.core.engine.set_breakpoints(frozenset())
    cpu.run_engine(1000)
    assert cpu.r[0] == 0


def test_the_budget_comes_before_a_breakpoint_at_the_same_place(engine_name: str) -> None:
    cpu = Cpu(engine_name, COUNTDOWN)
    cpu.core.engine.set_breakpoints(frozenset({FLASH + 2}))
    cpu.run_engine(1)
    assert cpu.run_engine(1).reason is StopReason.BUDGET
    assert cpu.pc == FLASH + 2


def test_code_changed_from_outside_is_executed_after_invalidation(engine_name: str) -> None:
    cpu = Cpu(engine_name, code(op("movi", rz=1, imm=1), op("br", offset=-2)))
    cpu.run_engine(10)
    cpu.put(FLASH, op("movi", rz=1, imm=2))
    cpu.core.engine.invalidate(FLASH, 2)
    cpu.run_engine(10)
    assert cpu.r[1] == 2


def test_an_error_of_a_device_model_reaches_the_caller_with_the_state_exact(engine_name: str) -> None:
    cpu = Cpu(
        engine_name, code(op("movi", rz=1, imm=7), op("st.w", rz=1, rx=2, offset=0), op("br", offset=0))
    )
    cpu.r[2] = DOORBELL

    def fail(value: int) -> None:
        raise KeyError("power")

    cpu.doorbell.on_write = fail
    with pytest.raises(KeyError, match="power"):
        cpu.run_engine(10)
    assert (cpu.pc, cpu.r[1], cpu.core.engine.executed) == (FLASH + 2, 7, 1)


def test_a_store_that_shortens_the_run_is_done_once(engine_name: str) -> None:
    ring_and_count = code(op("st.w", rz=1, rx=2, offset=0), op("addi", rz=1, oimm=1), op("br", offset=-4))
    cpu = Cpu(engine_name, ring_and_count)
    cpu.r[2] = DOORBELL
    rung: list[int] = []

    def ring(value: int) -> None:
        rung.append(value)
        if value % 7 == 3:  # by then the loop is linked to itself
            cpu.core.engine.end_at(cpu.core.engine.elapsed + 20)

    cpu.doorbell.on_write = ring
    for _ in range(10):
        cpu.run_engine(1000)
    assert rung == list(range(len(rung)))
    assert len(rung) > 50


@pytest.mark.parametrize(
    ("load", "expected"),
    [("ld.w", 0x8182_8384), ("ld.b", 0x84), ("ld.hs", 0xFFFF_8384), ("ld.bs", 0xFFFF_FF84)],
)
def test_a_load_that_shortens_the_run_is_done_once(engine_name: str, load: str, expected: int) -> None:
    read_and_count = code(
        op(load, rz=3, rx=2, offset=0), op("mov", rz=4, rx=3), op("addi", rz=1, oimm=1), op("br", offset=-8)
    )
    cpu = Cpu(engine_name, read_and_count)
    cpu.r[2] = DOORBELL
    reads = 0

    def answer() -> int:
        nonlocal reads
        reads += 1
        cpu.core.engine.end_at(cpu.core.engine.elapsed + 20)
        return 0x8182_8384 & (1 << 8 * {"w": 4, "h": 2, "b": 1}[load[3]]) - 1

    cpu.doorbell.on_read = answer
    for _ in range(10):
        cpu.run_engine(1000)
    assert cpu.r[1] == reads
    assert (cpu.r[3], cpu.r[4]) == (expected, expected)
