from __future__ import annotations

import struct

import pytest

from emu.bench.native import Loadable, NativeProgram, NativeProgramError

CODE, DATA = 0x1_0000, 0x2_0000
# mov x0, #DATA; ldr w1, [x0]; add w1, w1, #1; str w1, [x0]; nop
ADD_ONE = struct.pack("<5I", 0xD2A0_0040, 0xB940_0001, 0x1100_0421, 0xB900_0001, 0xD503_201F)
STOP = CODE + 16


def program(data_address: int = DATA) -> NativeProgram:
    code = Loadable(CODE, ADD_ONE, len(ADD_ONE), writable=False)
    return NativeProgram([code, Loadable(data_address, b"\x29\0\0\0", 8, writable=True)], CODE)


def test_a_program_runs_to_its_stop_address_and_leaves_its_result() -> None:
    native = program()
    assert native.run(STOP) > 0
    assert native.read(DATA, 8) == struct.pack("<II", 42, 0)


def test_each_run_starts_from_the_program_as_loaded() -> None:
    native = program()
    native.run(STOP)
    native.run(STOP)
    assert native.read(DATA, 4) == struct.pack("<I", 42)


def test_code_and_data_in_one_page_are_refused_because_stores_would_be_slow() -> None:
    with pytest.raises(NativeProgramError, match="code and data share the page at 0x10000"):
        program(data_address=CODE + 0x100)
