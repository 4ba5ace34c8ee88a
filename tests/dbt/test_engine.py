"""The contract of execution.py, on the translator and on the interpreter engine alike."""

from __future__ import annotations

import pytest
from support.guest import ANSWERING, DEVICE, FLASH, SRAM, SRAM_BYTES, Guest, Program

from emu.engine.contract import Stop, StopReason
from emu.isa.ops import LowPower, Vector
from emu.isa.state import LINK, Psr

pytestmark = pytest.mark.parametrize("kind", ["translator", "interpreter"])

COUNT, ONE, TWO, BASE = 1, 2, 3, 4


def endless_loop(guest: Guest) -> Program:
    program = Program(guest)
    loop = program.here()
    program("addi16", rz=COUNT, oimm=1)
    program("addi16", rz=ONE, oimm=1)
    program("br16", offset=program.to(loop))
    return program


def test_a_run_ends_at_the_first_backward_branch_that_uses_its_budget_up(kind: str) -> None:
    guest = Guest(kind)
    endless_loop(guest)
    assert guest.run(10) == Stop(StopReason.BUDGET)
    assert (guest.engine.executed, guest.state.pc, guest.state.r[COUNT]) == (12, FLASH, 4)
    guest.run(1)
    assert (guest.engine.executed, guest.state.r[COUNT]) == (15, 5)


def test_forward_branches_are_no_check_points(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    for _ in range(20):
        program("br16", offset=4)
        program("addi16", rz=COUNT, oimm=1)
    loop = program("addi16", rz=ONE, oimm=1)
    program("br16", offset=program.to(loop))
    guest.run(1)
    assert (guest.state.pc, guest.state.r[COUNT], guest.state.r[ONE]) == (loop, 0, 1)


@pytest.mark.parametrize("compare", ["cmpne16", "cmphs16", "cmplt16"])
@pytest.mark.parametrize("branch", ["bt16", "bf16", "bt32", "bf32"])
def test_a_conditional_loop_checks_the_budget_only_when_it_goes_on(
    kind: str, compare: str, branch: str
) -> None:
    results = []
    for budget in (7, 1000):
        guest = Guest(kind)
        guest.state.r[TWO] = 6
        program = Program(guest)
        loop = program("addi16", rz=COUNT, oimm=1)
        program(compare, rx=COUNT, ry=TWO)
        program(branch, offset=program.to(loop))
        end = program("br16", offset=0)
        guest.run(budget)
        results.append((guest.state.pc == end, guest.state.r[COUNT], guest.state.c, guest.engine.executed))
    assert results == EXPECTED_LOOPS[compare, branch[:2]], results


EXPECTED_LOOPS = {  # for a budget of 7, then 1000: left the loop, count, C, executed
    ("cmpne16", "bt"): [(False, 3, 1, 9), (True, 6, 0, 1000)],
    ("cmpne16", "bf"): [(True, 1, 1, 7), (True, 1, 1, 1000)],
    ("cmphs16", "bt"): [(True, 1, 0, 7), (True, 1, 0, 1000)],
    ("cmphs16", "bf"): [(False, 3, 0, 9), (True, 6, 1, 1000)],
    ("cmplt16", "bt"): [(False, 3, 1, 9), (True, 6, 0, 1000)],
    ("cmplt16", "bf"): [(True, 1, 1, 7), (True, 1, 1, 1000)],
}


def test_calls_and_returns_go_through_the_jump_table(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    loop = program("bsr32", offset=0x100)
    program("br16", offset=program.to(loop))
    function = Program(guest, FLASH + 0x100)
    function("addi16", rz=COUNT, oimm=3)
    function("rts16")
    guest.run(4000)
    assert guest.state.r[COUNT] == 3000
    assert guest.state.r[LINK] == FLASH + 4


def device_loop(guest: Guest) -> int:
    """Loop: add, load from the device, add, branch. Gives the address of the load."""
    guest.state.r[BASE] = DEVICE
    program = Program(guest)
    loop = program("addi16", rz=COUNT, oimm=1)
    load = program("ld.w", rz=ONE, rx=BASE, offset=4)
    program("addi16", rz=TWO, oimm=1)
    program("br16", offset=program.to(loop))
    return load


def test_count_and_pc_are_exact_inside_a_device_access(kind: str) -> None:
    guest = Guest(kind)
    load = device_loop(guest)
    seen: list[tuple[int, int, int]] = []

    def read(offset: int) -> int:
        seen.append((offset, guest.engine.executed, guest.engine.current_pc))
        return 0x1234

    guest.bus.on_read = read
    guest.run(8)
    assert seen == [(4, 1, load), (4, 5, load)]
    assert guest.state.r[ONE] == 0x1234


def test_a_device_can_shorten_the_run(kind: str) -> None:
    guest = Guest(kind)
    device_loop(guest)

    def read(offset: int) -> int:
        if guest.engine.executed > 100:
            guest.engine.end_at(guest.engine.elapsed + 5)
        return 0

    guest.bus.on_read = read
    assert guest.run(1_000_000).reason is StopReason.BUDGET
    assert (guest.engine.executed, guest.state.pc) == (108, FLASH)


def test_an_access_error_is_exact_and_can_be_resumed(kind: str) -> None:
    guest = Guest(kind)
    guest.state.r[BASE] = 0x6000_0000
    guest.state.c = 1
    program = Program(guest)
    program("addi16", rz=COUNT, oimm=1)
    program("cmpne16", rx=COUNT, ry=COUNT)
    load = program("ld.w", rz=ONE, rx=BASE, offset=4)
    program("addi16", rz=TWO, oimm=1)
    loop = program("br16", offset=0)
    stop = guest.run(100)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=0x6000_0004)
    state = guest.state
    assert (state.pc, state.c, state.r[COUNT], state.r[TWO], guest.engine.executed) == (load, 0, 1, 0, 2)
    state.r[BASE] = SRAM
    guest.run(3)
    assert (state.pc, state.r[TWO], guest.engine.executed) == (loop, 1, 5)


def test_a_device_address_nobody_answers_is_an_access_error(kind: str) -> None:
    guest = Guest(kind)
    load = device_loop(guest)
    guest.state.r[BASE] = DEVICE + 0x1000
    stop = guest.run(100)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=DEVICE + 0x1004)
    assert (guest.state.pc, guest.state.r[TWO], guest.engine.executed) == (load, 0, 1)


def test_a_store_to_flash_is_an_access_error(kind: str) -> None:
    guest = Guest(kind)
    guest.state.r[BASE] = FLASH + 0x400
    store = Program(guest)("st.w", rz=ONE, rx=BASE, offset=0)
    stop = guest.run(100)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=FLASH + 0x400)
    assert guest.state.pc == store


def test_an_address_wraps_at_four_gibibytes(kind: str) -> None:
    guest = Guest(kind)
    guest.state.r[BASE] = 0xFFFF_FFFC
    Program(guest)("ld.w", rz=ONE, rx=BASE, offset=8)
    stop = guest.run(1)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=4)


def test_misalignment_counts_only_while_the_psr_says_so(kind: str) -> None:
    guest = Guest(kind)
    guest.state.r[BASE] = SRAM + 1
    guest.put(SRAM, bytes(range(8)))
    program = Program(guest)
    program("ld.w", rz=ONE, rx=BASE, offset=0)
    end = program("br16", offset=0)
    guest.run(1)
    assert (guest.state.pc, guest.state.r[ONE]) == (end, 0x0403_0201)
    guest.state.pc, guest.state.psr = FLASH, Psr.RESET
    stop = guest.run(1)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.MISALIGNED, address=SRAM + 1)


def test_a_wild_jump_stops_at_its_target(kind: str) -> None:
    guest = Guest(kind)
    guest.state.r[BASE] = 0x7000_0001
    Program(guest)("jmp16", rx=BASE)
    stop = guest.run(100)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=0x7000_0000)
    assert guest.state.pc == 0x7000_0000


@pytest.mark.parametrize(("code", "vector"), [("00000000", 7), ("00fc00fc", 4)])
def test_breakpoint_and_illegal_instructions_raise_their_vectors(kind: str, code: str, vector: int) -> None:
    guest = Guest(kind)
    guest.put(FLASH, bytes.fromhex(code))
    assert guest.run(1) == Stop(StopReason.EXCEPTION, vector=vector)
    assert (guest.state.pc, guest.engine.executed) == (FLASH, 0)


def test_a_division_by_zero_raises_and_leaves_the_state(kind: str) -> None:
    guest = Guest(kind)
    guest.state.r[ONE] = 99
    program = Program(guest)
    program("addi16", rz=COUNT, oimm=1)
    divide = program("divu", rz=ONE, rx=ONE, ry=TWO)
    stop = guest.run(100)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.DIVIDE_BY_ZERO)
    assert (guest.state.pc, guest.state.r[ONE], guest.engine.executed) == (divide, 99, 1)


def test_wait_hands_the_cpu_back_behind_itself(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    program("wait32")
    behind = program("br16", offset=0)
    assert guest.run(100) == Stop(StopReason.LOW_POWER, mode=LowPower.WAIT)
    assert (guest.state.pc, guest.engine.executed) == (behind, 1)


def test_enabling_interrupts_ends_the_run_only_if_one_is_pending(kind: str) -> None:
    for pending in (False, True):
        guest = Guest(kind)
        guest.engine.set_interrupt_pending(pending)
        program = Program(guest)
        program("psrset32", bits=int(Psr.IE))
        behind = program("addi16", rz=COUNT, oimm=1)
        end = program("br16", offset=0)
        stop = guest.run(3)
        assert stop.reason is (StopReason.ATTENTION if pending else StopReason.BUDGET)
        assert guest.state.pc == (behind if pending else end)
        assert guest.engine.executed == (1 if pending else 3)
        assert guest.state.psr & Psr.IE


def test_setting_bits_that_are_set_ends_no_run(kind: str) -> None:
    guest = Guest(kind)
    guest.state.psr |= Psr.IE | Psr.EE
    guest.engine.set_interrupt_pending(True)
    program = Program(guest)
    program("psrset32", bits=int(Psr.IE))
    end = program("br16", offset=0)
    assert guest.run(2).reason is StopReason.BUDGET
    assert guest.state.pc == end


def test_a_breakpoint_stops_before_its_instruction_and_lets_go(kind: str) -> None:
    guest = Guest(kind)
    endless_loop(guest)
    guest.run(300)
    guest.engine.set_breakpoints(frozenset({FLASH + 2}))
    assert guest.run(300).reason is StopReason.BREAKPOINT
    assert (guest.state.pc, guest.state.r[COUNT], guest.state.r[ONE]) == (FLASH + 2, 101, 100)
    assert guest.run(300).reason is StopReason.BREAKPOINT
    assert guest.state.r[COUNT] == 102
    guest.engine.set_breakpoints(frozenset())
    assert guest.run(300).reason is StopReason.BUDGET


def test_a_firmware_that_rewrites_its_code_in_ram_runs_the_new_code(kind: str) -> None:
    """The store changes the instruction right behind it, in the same straight code."""
    guest = Guest(kind)
    guest.state.pc = SRAM
    program = Program(guest, SRAM)
    loop = program("addi16", rz=COUNT, oimm=1)
    program("st.h", rz=ONE, rx=BASE, offset=0)
    changed = program("addi16", rz=TWO, oimm=1)
    program("br16", offset=program.to(loop))
    guest.state.r[BASE] = changed
    add_one, add_ten = guest.bus.read(changed, 2), guest.bus.read(changed, 2) + 9
    guest.state.r[ONE] = add_one
    guest.run(40)
    assert guest.state.r[TWO] == 10
    guest.state.r[ONE] = add_ten
    guest.run(4)
    assert guest.state.r[TWO] == 20


def test_new_flash_content_counts_after_invalidation(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    loop = program("bsr32", offset=0x100)
    program("br16", offset=program.to(loop))
    for value in (1, 5, 7):
        function = Program(guest, FLASH + 0x100)
        function("movi16", rz=COUNT, imm=value)
        function("rts16")
        guest.engine.invalidate(FLASH + 0x100, 4)
        guest.run(400)
        assert guest.state.r[COUNT] == value


def test_user_mode_may_not_change_the_psr(kind: str) -> None:
    guest = Guest(kind)
    guest.state.psr &= ~Psr.S
    Program(guest)("psrclr32", bits=int(Psr.IE))
    assert guest.run(10) == Stop(StopReason.EXCEPTION, vector=Vector.PRIVILEGE_VIOLATION)


def test_an_error_in_a_device_model_surfaces_with_the_state_settled(kind: str) -> None:
    guest = Guest(kind)
    load = device_loop(guest)

    def read(offset: int) -> int:
        raise KeyError("model")

    guest.bus.on_read = read
    with pytest.raises(KeyError, match="model"):
        guest.run(100)
    assert guest.state.pc == load


def load_four(guest: Guest, address: int) -> Stop:
    """ldm r4-r7, (r8); r8 stays the base."""
    guest.state.r[4:9] = [4, 5, 6, 7, address]
    Program(guest)("ldm32", registers=4 << 5 | 3, rx=8)
    return guest.run(1)


def test_a_fault_in_the_middle_leaves_done_what_came_before(kind: str) -> None:
    guest = Guest(kind)
    end = SRAM + SRAM_BYTES
    guest.put(end - 8, bytes(range(8)))
    stop = load_four(guest, end - 8)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=end)
    assert (guest.state.r[4:8], guest.state.pc) == ([0x0302_0100, 0x0706_0504, 6, 7], FLASH)


def test_a_fault_in_the_middle_repeats_no_device_access(kind: str) -> None:
    guest = Guest(kind)
    seen: list[int] = []

    def read(offset: int) -> int:
        seen.append(offset)
        return 0x1234

    guest.bus.on_read = read
    stop = load_four(guest, DEVICE + ANSWERING - 8)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=DEVICE + ANSWERING)
    assert seen == [ANSWERING - 8, ANSWERING - 4]


@pytest.mark.parametrize("name", ["ld.w", "st.w", "ld.h", "st.h"])
def test_a_device_takes_no_misaligned_access(kind: str, name: str) -> None:
    guest = Guest(kind)
    guest.bus.on_read = lambda offset: pytest.fail(f"a read at {offset}")
    guest.bus.on_write = lambda offset, value: pytest.fail(f"a write at {offset}")
    guest.state.r[BASE] = DEVICE + 1
    Program(guest)(name, rz=ONE, rx=BASE, offset=0)
    stop = guest.run(1)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.MISALIGNED, address=DEVICE + 1)
    assert guest.engine.executed == 0
