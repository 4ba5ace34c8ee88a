from __future__ import annotations

import struct

import pytest

from emu.bench.native import Loadable, NativeProgram, NativeProgramError

CODE, DATA = 0x1_0000, 0x2_0000
# mov x1, #DATA; ldr w2, [x1]; add w0, w0, w2; str w0, [x1]; nop
ADD = struct.pack("<5I", 0xD2A0_0041, 0xB940_0022, 0x0B02_0000, 0xB900_0020, 0xD503_201F)
STOP = CODE + 16


def program(data_address: int = DATA) -> NativeProgram:
    code = Loadable(CODE, ADD, len(ADD), writable=False)
    return NativeProgram([code, Loadable(data_address, b"\x28\0\0\0", 8, writable=True)], CODE)


def test_a_call_runs_to_its_stop_address_and_gives_time_and_result() -> None:
    native = program()
    call = native.call(2, STOP)
    assert call.seconds > 0
    assert call.result == 42
    assert native.read(DATA, 8) == struct.pack("<II", 42, 0)


def test_memory_stays_from_call_to_call() -> None:
    native = program()
    native.call(2, STOP)
    assert native.call(1, STOP).result == 43


def test_code_and_data_in_one_page_are_refused_because_stores_would_be_slow() -> None:
    with pytest.raises(NativeProgramError, match="code and data share the page at 0x10000"):
        program(data_address=CODE + 0x100)
