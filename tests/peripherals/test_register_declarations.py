"""The smallest wrong declaration, and what it says."""

from enum import IntEnum

import pytest

from peripherals.framework.errors import DeclarationError
from peripherals.framework.fields import choice, reserved, rw
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at


class Word(Register):
    word = rw(31, 0)


class Half(Register):
    low = rw(15, 0)


class Three(IntEnum):
    A, B, C = range(3)


def test_overlapping_fields() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.b overlaps a"):

        class Bad(Register):
            a = rw(3, 0)
            b = rw(2)


@pytest.mark.parametrize(("high", "low"), [(32, 0), (0, 3), (3, -1)])
def test_bits_outside_the_register(high: int, low: int) -> None:
    with pytest.raises(DeclarationError, match=r"not within \[31:0\]"):
        rw(high, low)


def test_choice_must_name_every_value() -> None:
    with pytest.raises(DeclarationError, match=r"Three must name all 4 values of bits \[1:0\]"):
        choice(1, 0, Three)


def test_field_named_like_a_part_of_register() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.offset: the name is taken"):

        class Bad(Register):
            offset = rw(3, 0)


def test_overlapping_registers() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.b overlaps a at 0x8"):

        class Bad(Peripheral):
            a = at(0x00, Word, count=3)
            b = at(0x08, Word)


def test_unaligned_offset() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.a: offset and stride must be multiples of 4"):

        class Bad(Peripheral):
            a = at(0x02, Word)


def test_reset_value_outside_the_fields() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.a: reset bits 0x00010000 are outside every field"):

        class Bad(Peripheral):
            a = at(0x00, Half, reset=0x1_0001)


def test_reset_value_may_live_in_reserved_bits() -> None:
    class Revision(Register):
        silicon = reserved(31, 16)

    class Good(Peripheral):
        revision = at(0x00, Revision, reset=0x1_0000)

    assert Good.slots["revision"].reset_value == 0x1_0000


def test_handler_for_a_register_that_is_not_in_the_map() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.handle handles Word, which is not in the register map"):

        class Bad(Peripheral):
            half = at(0x00, Half)

            @on_write(Word)
            def handle(self, _: int) -> None: ...


def test_handler_for_a_register_that_is_there_twice() -> None:
    with pytest.raises(DeclarationError, match=r"Bad\.handle handles Half, which is there more than once"):

        class Bad(Peripheral):
            one = at(0x00, Half)
            two = at(0x04, Half)

            @on_read(Half)
            def handle(self) -> int:
                return 0
