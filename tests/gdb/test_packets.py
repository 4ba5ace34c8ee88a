"""Frames, escapes and checksums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.gdb.packets import PACKET_BYTES, Mark, PacketReader, frame


def read(*pieces: bytes) -> list[bytes | Mark]:
    reader = PacketReader()
    return [event for piece in pieces for event in reader.feed(piece)]


@given(st.lists(st.binary(max_size=200)), st.integers(1, 7))
def test_what_is_framed_is_read_again_in_pieces_of_any_size(contents: list[bytes], size: int) -> None:
    wire = b"".join(map(frame, contents))
    assert read(*(wire[at : at + size] for at in range(0, len(wire), size))) == contents


@given(st.binary())
def test_no_bytes_whatever_are_too_much(data: bytes) -> None:
    assert b"g" in read(data, b"#00", frame(b"g"))


@pytest.mark.parametrize(
    ("wire", "events"),
    [
        (b"$g#67", [b"g"]),
        (b"$g#68", [Mark.DAMAGED]),
        (b"$g#6x", [Mark.DAMAGED]),
        (b"\x03", [Mark.INTERRUPT]),
        (b"+-", [Mark.NAK]),
        (b"$gg$g#67", [b"g"]),  # the end of the first was lost
        (b"$\x03#03", [b"\x03"]),  # in a packet it is data
        (b"$}\x03#80", [b"#"]),
        (b"$" + b"0" * (PACKET_BYTES + 1) + b"#00$g#67", [Mark.DAMAGED, b"g"]),
        (b"noise", []),
    ],
)
def test_what_arrives(wire: bytes, events: list[bytes | Mark]) -> None:
    assert read(wire) == events
