"""What comes of bytes if the two ends of a line are set differently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.host.wire import Frame, LineSettings, received, settings_of
from emu.machine import Machine

USUAL = LineSettings(115_200)


@given(st.binary(max_size=40), st.floats(0.976, 1.024), st.sampled_from([1, 2]))
def test_small_differences_and_stop_bits_do_no_harm(data: bytes, ratio: float, stop_bits: int) -> None:
    frames = received(data, USUAL, LineSettings(115_200 * ratio, stop_bits=stop_bits))
    assert frames == [Frame(byte) for byte in data]


@given(st.binary(max_size=40), st.floats(0.98, 1.02), st.sampled_from("NEO"), st.integers(5, 8))
def test_levels_are_sampled_as_they_were_sent(data: bytes, ratio: float, parity: str, data_bits: int) -> None:
    """The sampling itself, which equal settings do not need."""
    from emu.host import wire

    sender = LineSettings(9600, data_bits, parity, 2)
    levels = [bit for byte in data for bit in wire._frame(byte, sender)]
    mask = (1 << data_bits) - 1
    assert list(wire._sampled(levels, sender, ratio)) == [Frame(byte & mask) for byte in data]


@pytest.mark.parametrize(
    ("sender", "receiver", "expected"),
    [
        (LineSettings(230_400), USUAL, bytes.fromhex("ff")),  # every second bit: ones
        (LineSettings(57_600), USUAL, bytes.fromhex("66 e6")),
        (LineSettings(115_200, 7), LineSettings(115_200), b"\xd5"),  # the stop bit is the last data bit
        (LineSettings(115_200, parity="E"), LineSettings(115_200), b"U"),
        (LineSettings(300), USUAL, b"\0" * 5),  # breaks
    ],
)
def test_others_have_something_else(sender: LineSettings, receiver: LineSettings, expected: bytes) -> None:
    assert bytes(frame.byte for frame in received(b"U", sender, receiver)) == expected


@pytest.mark.parametrize(
    ("sender", "receiver", "fault"),
    [
        (LineSettings(115_200, parity="O"), LineSettings(115_200, parity="E"), "parity"),
        (
            LineSettings(115_200, parity="E"),
            USUAL,
            "frame",
        ),  # the parity bit of U is 0, where a stop bit should be
        (LineSettings(9600), USUAL, "break"),  # a start bit lasts longer than a frame
    ],
)
def test_what_is_wrong_with_a_frame_is_told(sender: LineSettings, receiver: LineSettings, fault: str) -> None:
    assert received(b"U", sender, receiver)[0].fault == fault


@given(st.binary(max_size=20), st.integers(300, 2_000_000), st.integers(300, 2_000_000))
def test_any_pair_of_rates_comes_to_an_end(data: bytes, sent: int, expected: int) -> None:
    assert len(received(data, LineSettings(sent), LineSettings(expected))) <= 12 * len(data) * (
        expected / sent + 1
    )


def test_the_chips_settings_are_those_of_its_registers() -> None:
    with Machine.load(cache=False) as machine:
        machine.uart0.expect("main: ver")
        assert str(settings_of(machine.board.soc.uarts[0])) == "115,274 8N1"
