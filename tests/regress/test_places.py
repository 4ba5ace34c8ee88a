"""Coverage as exploration counts it."""

from __future__ import annotations

from emu.regress.explore.places import Places


def halfwords(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "little") for value in values)


def test_instructions_count_in_whatever_pieces_they_are_told() -> None:
    code = halfwords(0x302D, 0xE3FF, 0xFFEB, 0x07FE)  # movi; bsr, of 32 bits; br
    whole, pieces = Places(), Places()
    whole.executed(0x0801_0000, code)
    pieces.executed(0x0801_0000, code[:2])
    pieces.executed(0x0801_0002, code[2:])
    found = whole.take()
    assert len(found) == 3
    assert pieces.take() == found
    assert whole.take() == frozenset()


def test_ways_of_a_branch_and_other_code_at_an_address_are_places() -> None:
    places = Places()
    bt = halfwords(0x080A)
    places.branched(0x0801_0000, bt, is_taken=True)
    places.branched(0x0801_0000, bt, is_taken=False)
    places.executed(0x0801_0000, bt)
    places.executed(0x0801_0000, halfwords(0x302D))
    assert len(places.take()) == 4


def test_what_others_know_is_not_new() -> None:
    mine, others = Places(), Places()
    others.executed(0x0801_0000, halfwords(0x302D))
    mine.know(others.take())
    mine.executed(0x0801_0000, halfwords(0x302D))
    assert mine.take() == frozenset()
