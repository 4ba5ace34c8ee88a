from __future__ import annotations

from typing import Annotated, Any

import pytest

from emu.isa.decode import Decoder
from emu.isa.insn import InsnError, InsnTable
from emu.isa.operands import OneHot, Reg
from emu.isa.ops import Ops


def two_registers(t: Ops, rz, rx) -> None:  # type: ignore[no-untyped-def]
    """RZ ← RX"""


def no_operands(t: Ops) -> None:
    """nothing"""


two_registers.__annotations__ |= {"rz": Reg, "rx": Reg}


def refusal(pattern: str, function: Any = no_operands, table: InsnTable | None = None) -> str:
    with pytest.raises(InsnError) as error:
        (table or InsnTable()).insn("x", "", pattern)(function)
    return str(error.value)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("011000 00000 0000", "no_operands: pattern '011000 00000 0000' has 15 bits"),
        ("011000 rz:4 rx:x 00", "no_operands: 'rx:x' is neither bits nor a field in '011000 rz:4 rx:x 00'"),
        ("011000 0000 0000 02", "no_operands: '02' is neither bits nor a field in '011000 0000 0000 02'"),
        (
            "rz:16",
            "no_operands: pattern 'rz:16' does not start as a 16-bit instruction does",
        ),
        (
            "1100 000000000000",
            "no_operands: pattern '1100 000000000000' does not start as a 16-bit instruction does",
        ),
    ],
)
def test_a_wrong_pattern_is_refused(pattern: str, message: str) -> None:
    assert refusal(pattern) == message


def test_fields_must_be_the_parameters() -> None:
    message = refusal("011000 rz:4 rw:4 00", two_registers)
    assert message == "two_registers: pattern has the fields ['rz', 'rw'], the function ['rz', 'rx']"


def test_parameters_must_be_operand_kinds() -> None:
    def plain(t: Ops, rz: int) -> None:
        """RZ"""

    plain.__annotations__["rz"] = int
    message = refusal("011000 rz:4 000000", plain)
    assert message == "plain: rz is annotated with <class 'int'>, which is no operand kind"


def test_two_rows_must_not_overlap() -> None:
    table = InsnTable()
    table.insn("a", "", "011000 rz:4 rx:4 00")(two_registers)
    message = refusal("011000 00000000 00", no_operands, table)
    assert message == "no_operands overlaps two_registers: say refines=two_registers if it is meant"


def test_a_refinement_may_overlap_what_it_refines() -> None:
    table = InsnTable()
    table.insn("a", "", "011000 rz:4 rx:4 00")(two_registers)
    table.insn("b", "", "011000 00000000 00", refines=two_registers)(no_operands)
    assert [row.mnemonic for row in table.rows] == ["a", "b"]
    assert table.rows[1].refines is table.rows[0]


def test_a_field_named_twice_is_joined_high_part_first() -> None:
    table = InsnTable()

    def joined(t: Ops, rz) -> None:  # type: ignore[no-untyped-def]
        """RZ"""

    joined.__annotations__["rz"] = Reg
    table.insn("a", "", "0110 rz:2 00000 rz:5")(joined)
    assert table.rows[0].decode(0b0110_10_00000_00011) == (0b10_00011,)


def test_an_undefined_field_value_is_no_instruction() -> None:
    table = InsnTable()

    def shifted(t: Ops, shift) -> None:  # type: ignore[no-untyped-def]
        """shift"""

    shifted.__annotations__["shift"] = Annotated[int, OneHot()]
    table.insn("a", "", "0110 00000000 shift:4")(shifted)
    decoder = Decoder(table)
    assert decoder.decode(0b0110_0000_0000_0100, 0) is table.rows[0]
    assert decoder.decode(0b0110_0000_0000_0110, 0) is None
