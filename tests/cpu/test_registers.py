"""The registers by name."""

from __future__ import annotations

import pytest

from emu.engine.registers import REGISTERS, CpuRegisters
from emu.isa.state import CpuState


def test_each_register_keeps_what_is_written_without_touching_another() -> None:
    state = CpuState()
    registers = CpuRegisters(state)
    for number, register in enumerate(REGISTERS):
        if register.name in ("psr", "chr", "cpuid"):
            continue  # they switch stacks, or cannot be written
        before = dict(registers)
        registers[register.name] = 0x1000 * (number + 1)
        assert dict(registers) == before | {register.name: 0x1000 * (number + 1)}


def test_short_names_are_those_of_the_same_registers() -> None:
    registers = CpuRegisters(CpuState())
    registers["sp"], registers["lr"] = 0x2000_0100, 0x0800_0100
    assert (registers["r14"], registers["r15"]) == (0x2000_0100, 0x0800_0100)


def test_an_unknown_name_is_a_key_error_and_no_register_goes() -> None:
    registers = CpuRegisters(CpuState())
    with pytest.raises(KeyError):
        registers["r32"]
    with pytest.raises(TypeError, match="keeps its registers"):
        del registers["r0"]


@pytest.mark.parametrize("value", ["x", 1.5, None, True, 1 << 32, -(1 << 31) - 1])
def test_a_value_that_does_not_fit_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"r0: .* is no whole number of 32 bits"):
        CpuRegisters(CpuState())["r0"] = value  # type: ignore[assignment]


def test_the_message_for_an_unknown_name_tells_the_others() -> None:
    with pytest.raises(KeyError, match="'PC' is no register: there are r0, r1, "):
        CpuRegisters(CpuState())["PC"]
