"""Only the parts of a memory that a snapshot changes are written."""

from __future__ import annotations

import pytest

from peripherals.framework.differences import PIECE_BYTES, differences


def test_equal_memories_have_none() -> None:
    assert list(differences(bytearray(10), bytes(10))) == []


def test_the_pieces_that_differ_are_given_with_their_offsets() -> None:
    contents = bytearray(3 * PIECE_BYTES + 5)
    contents[PIECE_BYTES] = contents[-1] = 1
    pieces = list(differences(memoryview(bytearray(len(contents))), bytes(contents)))
    assert [(offset, len(piece)) for offset, piece in pieces] == [
        (PIECE_BYTES, PIECE_BYTES),
        (3 * PIECE_BYTES, 5),
    ]
    memory = bytearray(len(contents))
    for offset, piece in pieces:
        memory[offset : offset + len(piece)] = piece
    assert memory == contents


def test_a_memory_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="a snapshot of 5 bytes for a memory of 4"):
        list(differences(bytearray(4), bytes(5)))
