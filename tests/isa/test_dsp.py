"""Cases that the simulator's vectors leave open, or answer in a way that cannot be right.

docs/isa-exceptions.md says why the answers here are the ones.
"""

from __future__ import annotations

import pytest
from isa.drivers import DRIVERS

from emu.isa.assembler import assemble
from emu.isa.state import CpuState

CODE = 0x0801_0000


def run(backend: str, name: str, registers: dict[str, int], **operands: int) -> CpuState:
    state = CpuState(pc=CODE)
    for register, value in registers.items():
        state.r[int(register[1:])] = value
    code = assemble(name, **operands)
    assert DRIVERS[backend]().execute(state, {CODE: bytearray(code)}) is None
    return state


@pytest.mark.parametrize("backend", sorted(DRIVERS))
@pytest.mark.parametrize(
    ("name", "x", "y", "result"),
    [
        ("rotl", 0x1234_5678, 32, 0x1234_5678),
        ("rotl", 0x8000_0001, 33, 0x0000_0003),
        ("asr.s32.r", 0x8000_0000, 32, 0),
        ("asr.s32.r", 0xFFFF_FFFF, 63, 0),
        ("lsr.u32.r", 0x8000_0000, 32, 1),
        ("lsr.u32.r", 0xFFFF_FFFF, 33, 0),
        ("lsr.u32.r", 0x0000_0003, 64, 3),
        ("lsl.u32.s", 0, 63, 0),
        ("lsl.u32.s", 0x8000_7FFF, 63, 0xFFFF_FFFF),
        ("lsl.s32.s", 0x8080_807F, 0xFFFF_0000, 0x8080_807F),
        ("lsl.s32.s", 0xFFFF_FFFF, 40, 0x8000_0000),
        ("plsl.u16.s", 0x0001_8000, 15, 0x8000_FFFF),
        ("plsl.u16.s", 0x1D06_C618, 32, 0x1D06_C618),
        ("plsl.u16.s", 0x0000_0001, 31, 0x0000_FFFF),
        ("plsl.s16.s", 0x0001_FFFF, 31, 0x7FFF_8000),
        ("clip.u32", 0x8000_0000, 32, 0x8000_0000),
        ("clip.s32", 0x8000_0000, 32, 0x8000_0000),
        ("clip.s32", 0x7FFF_FFFF, 0, 0),
        ("pclip.s16", 0x7FFF_8000, 16, 0x7FFF_8000),
        ("pclip.s16", 0x7FFF_8000, 1, 0x0000_FFFF),
        ("rmul.s32.h", 0x8000_0000, 0x8000_0000, 0x7FFF_FFFF),
        ("mulca.s16.s", 0x8000_8000, 0x8000_8000, 0x7FFF_FFFF),
    ],
)
def test_doubtful_results(backend: str, name: str, x: int, y: int, result: int) -> None:
    size = {"rz": 1, "rx": 2, "ry": 3}
    row = "rotl32" if name == "rotl" else name
    assert run(backend, row, {"r2": x, "r3": y}, **size).r[1] == result


@pytest.mark.parametrize("backend", sorted(DRIVERS))
@pytest.mark.parametrize(
    ("name", "z", "x", "y", "result"),
    [
        # A product of a negative number is negative.
        ("mulaxl.s32.rs", 0, 0xFFFF_FFFF, 0x0001_0002, 0),
        ("mulaxl.s32.rs", 5, 0xFFFF_0000, 2, 3),
        ("mulaxh.s32.rs", 5, 0xFFFF_0000, 2 << 16, 3),
        # The sum of both products does not fit into 32 bits; what is stored saturates, not what is added.
        ("mulaca.s16.s", 0xFFFF_FFFF, 0x8000_8000, 0x8000_8000, 0x7FFF_FFFF),
        ("mulsca.s16.s", 0x0000_0001, 0x8000_8000, 0x8000_8000, 0x8000_0001),
    ],
)
def test_doubtful_sums(backend: str, name: str, z: int, x: int, y: int, result: int) -> None:
    assert run(backend, name, {"r1": z, "r2": x, "r3": y}, rz=1, rx=2, ry=3).r[1] == result


@pytest.mark.parametrize("backend", sorted(DRIVERS))
def test_dext_takes_six_bits_of_its_count(backend: str) -> None:
    registers = {"r2": 0x1111_1111, "r3": 0x2222_2222}
    for count, result in ((32, 0x2222_2222), (36, 0x0222_2222), (64, 0x1111_1111)):
        state = run(backend, "dext", registers | {"r4": count}, rz=1, rx=2, ry=3, rs=4)
        assert state.r[1] == result


@pytest.mark.parametrize("backend", sorted(DRIVERS))
def test_the_pair_of_r31_goes_on_with_r0(backend: str) -> None:
    registers = {"r31": 0xFFFF_FFFF, "r0": 1, "r2": 1, "r3": 0}
    state = run(backend, "add.64", registers, rz=31, rx=31, ry=2)
    assert (state.r[31], state.r[0]) == (0, 2)


@pytest.mark.parametrize("backend", sorted(DRIVERS))
def test_saturating_in_64_bits(backend: str) -> None:
    most, least = (0xFFFF_FFFF, 0x7FFF_FFFF), (0, 0x8000_0000)
    cases = (
        ("add.s64.s", most, (1, 0), most),
        ("add.s64.s", least, (0xFFFF_FFFF, 0xFFFF_FFFF), least),
        ("sub.s64.s", least, (1, 0), least),
        ("sub.s64.s", (0, 0), least, most),
        ("add.u64.s", (1, 0), (0xFFFF_FFFF, 0xFFFF_FFFF), (0xFFFF_FFFF, 0xFFFF_FFFF)),
        ("sub.u64.s", (1, 0), (2, 0), (0, 0)),
    )
    for name, (x, x_high), (y, y_high), result in cases:
        registers = {"r2": x, "r3": x_high, "r4": y, "r5": y_high}
        state = run(backend, name, registers, rz=6, rx=2, ry=4)
        assert (state.r[6], state.r[7]) == result, name


@pytest.mark.parametrize("backend", sorted(DRIVERS))
def test_long_division_overflows_to_itself(backend: str) -> None:
    registers = {"r2": 0, "r3": 0x8000_0000, "r4": 0xFFFF_FFFF}
    state = run(backend, "divsl", registers, rz=6, rx=2, ry=4)
    assert (state.r[6], state.r[7]) == (0, 0x8000_0000)


@pytest.mark.parametrize("backend", sorted(DRIVERS))
@pytest.mark.parametrize("name", ["divul", "divsl"])
def test_long_division_by_zero_raises(backend: str, name: str) -> None:
    state = CpuState(pc=CODE)
    code = bytearray(assemble(name, rz=6, rx=2, ry=4))
    assert DRIVERS[backend]().execute(state, {CODE: code}) == 3


@pytest.mark.parametrize("backend", sorted(DRIVERS))
def test_a_loaded_value_wins_over_the_step(backend: str) -> None:
    state = CpuState(pc=CODE)
    state.r[2] = state.r[3] = 0x2000_0000
    memory = {CODE: bytearray(assemble("ldbir.w", rz=2, rx=2, ry=3)), 0x2000_0000: bytearray(b"\1\2\3\4")}
    assert DRIVERS[backend]().execute(state, memory) is None
    assert state.r[2] == 0x0403_0201
