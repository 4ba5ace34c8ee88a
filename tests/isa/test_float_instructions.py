from __future__ import annotations

import pytest
from isa.drivers import DRIVERS, ChunkMemory

from emu.engine.control_registers import Processor
from emu.engine.interpreter import Interpreter
from emu.isa.assembler import assemble
from emu.isa.ops import CpuException, Rounding, Vector
from emu.isa.single_precision import ONE
from emu.isa.state import Control, CpuState

CODE, DATA = 0x0801_0000, 0x2000_0000
THIRD_DOWN, THIRD_UP = 0x3EAA_AAAA, 0x3EAA_AAAB
ONE_AND_A_HALF, MINUS_TWO, THREE = 0x3FC0_0000, 0xC000_0000, 0x4040_0000

both = pytest.mark.parametrize("backend", sorted(DRIVERS))


def step(backend: str, state: CpuState, name: str, **operands: int) -> int | None:
    """Execute one instruction; give the exception vector."""
    state.pc = CODE
    code = bytearray(assemble(name, **operands))
    return DRIVERS[backend]().execute(state, {CODE: code, DATA: bytearray(b"\0\0\x80\x3f" * 4)})


@pytest.fixture
def state() -> CpuState:
    state = CpuState()
    state.fr[:4] = [ONE, THREE, MINUS_TWO, ONE_AND_A_HALF]
    return state


@both
@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("fmacs", 0xBFC0_0000),  # 1.5 + 1.5 * -2
        ("fmscs", 0xC090_0000),  # 1.5 * -2 - 1.5
        ("fnmacs", 0x4090_0000),  # 1.5 - 1.5 * -2
        ("fnmscs", 0x3FC0_0000),  # -1.5 - 1.5 * -2
    ],
)
def test_signs_of_multiply_and_accumulate(backend: str, state: CpuState, name: str, result: int) -> None:
    assert step(backend, state, name, frz=3, frx=3, fry=2) is None
    assert state.fr[3] == result


@both
def test_a_product_is_rounded_before_it_is_added(backend: str, state: CpuState) -> None:
    state.fr[0], state.fr[1] = 0x3F80_0001, 0xBF80_0002  # (1 + ulp)^2 needs more bits than there are
    assert step(backend, state, "fmacs", frz=1, frx=0, fry=0) is None
    assert state.fr[1] == 0


@both
def test_rounding_follows_fcr(backend: str, state: CpuState) -> None:
    for rounding, third in (
        (Rounding.NEAREST, THIRD_UP),
        (Rounding.ZERO, THIRD_DOWN),
        (Rounding.UP, THIRD_UP),
        (Rounding.DOWN, THIRD_DOWN),
    ):
        state.control[Control.FCR] = rounding << 24
        step(backend, state, "fdivs", frz=4, frx=0, fry=1)
        assert state.fr[4] == third


@both
def test_conversions_to_integers_do_not_follow_fcr(backend: str, state: CpuState) -> None:
    state.control[Control.FCR] = Rounding.DOWN << 24
    for name, result in (("fstosi.rn", 2), ("fstosi.rz", 1), ("fstosi.rpi", 2), ("fstosi.rni", 1)):
        step(backend, state, name, frz=4, frx=3)
        assert state.fr[4] == result


@both
def test_exceptions_add_up_and_the_last_ones_show(backend: str, state: CpuState) -> None:
    step(backend, state, "fdivs", frz=4, frx=0, fry=1)
    assert state.control[Control.FESR] == 0x9090
    step(backend, state, "fdivs", frz=4, frx=0, fry=5)
    assert state.control[Control.FESR] == 0x9282
    step(backend, state, "fadds", frz=4, frx=0, fry=1)
    assert state.control[Control.FESR] == 0x9200


def test_an_instruction_starts_without_the_exceptions_of_the_one_before(state: CpuState) -> None:
    state.pc = CODE
    code = assemble("fdivs", frz=4, frx=0, fry=1) + assemble("fadds", frz=4, frx=0, fry=1)
    interpreter = Interpreter(state, ChunkMemory({CODE: bytearray(code)}))
    interpreter.step()
    interpreter.step()
    assert state.control[Control.FESR] == 0x9000


@both
def test_an_enabled_exception_is_raised_and_changes_no_register(backend: str, state: CpuState) -> None:
    state.control[Control.FCR] = 1 << 1
    before = list(state.fr)
    assert step(backend, state, "frecips", frz=4, frx=5) == Vector.FLOATING_POINT
    assert state.fr == before
    assert state.control[Control.FESR] == 0x82


@both
def test_user_mode_may_use_fcr_and_fesr_only(backend: str, state: CpuState) -> None:
    state.psr = 0
    state.r[1] = 0x0100_0000
    assert step(backend, state, "mtcr", rx=1, index=1) is None
    assert step(backend, state, "mfcr", rz=2, index=1) is None
    assert state.r[2] == 0x0100_0000
    assert step(backend, state, "mfcr", rz=2, index=1, bank=0) == Vector.PRIVILEGE_VIOLATION


@both
def test_words_move_between_all_kinds_of_places(backend: str, state: CpuState) -> None:
    state.r[1], state.r[2] = DATA, 2
    assert step(backend, state, "fldms", registers=2 << 4 | 6, rx=1) is None
    assert state.fr[5:10] == [0, ONE, ONE, ONE, 0]
    assert step(backend, state, "fldrs", frz=9, rx=1, ry=2, shift=1) is None
    assert state.fr[9] == ONE
    step(backend, state, "fmfvrl", rz=3, frx=1)
    step(backend, state, "fmtvrl", frz=10, rx=3)
    step(backend, state, "fmovs", frz=11, frx=10)
    assert (state.r[3], state.fr[10], state.fr[11]) == (THREE, THREE, THREE)


def test_a_fault_in_the_middle_of_fldms_leaves_done_what_came_before(state: CpuState) -> None:
    state.pc, state.r[1] = CODE, DATA
    code = bytearray(assemble("fldms", registers=3 << 4, rx=1))
    memory = ChunkMemory({CODE: code, DATA: bytearray(8)})
    before = list(state.fr)
    with pytest.raises(CpuException) as error:
        Interpreter(state, memory, Processor(state)).step()
    assert (error.value.vector, error.value.address) == (Vector.ACCESS_ERROR, DATA + 8)
    assert state.fr == [0, 0, *before[2:]]


@both
@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("cprgr", {"rz": 1, "cp": 2, "register": 3}),
        ("cpop", {"cp": 2, "operation": 3}),
        ("wsc", {}),
    ],
)
def test_what_this_cpu_lacks_is_illegal(
    backend: str, state: CpuState, name: str, operands: dict[str, int]
) -> None:
    assert step(backend, state, name, **operands) == Vector.ILLEGAL_INSTRUCTION
