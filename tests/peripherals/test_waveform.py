"""A figure that follows virtual time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peripherals.framework.waveform import Waveform, value_at

MS = 1_000_000


def test_between_points_it_is_a_line_and_outside_it_stays() -> None:
    wave = Waveform.through([(0.001, 1), (0.003, 2), (0.004, 0)]).beginning_at(10 * MS)
    times = (0, 10, 11, 12, 13, 13.5, 14, 100)
    assert [wave.at(round(time * MS)) for time in times] == [1, 1, 1, 1.5, 2, 1, 0, 0]


def test_it_may_repeat() -> None:
    wave = Waveform.through([(0, 0), (0.002, 2)], repeats=True)
    assert [wave.at(time * MS) for time in range(5)] == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("start_ns", [0, 5 * MS])
def test_a_sine_goes_up_first(start_ns: int) -> None:
    wave = Waveform.sine(1.5, 0.5, 1000).beginning_at(start_ns)
    quarters = [wave.at(start_ns + quarter * MS // 4) for quarter in range(5)]
    assert quarters == pytest.approx([1.5, 2.0, 1.5, 1.0, 1.5])


@given(st.floats(0, 1e6), st.integers(0, 10**15))
def test_a_steady_figure_stays(value: float, time_ns: int) -> None:
    assert value_at(value, time_ns) == value


@pytest.mark.parametrize(
    ("points", "repeats"),
    [
        ([(0, 1), (0, 2)], False),
        ([(2, 1), (1, 2)], False),
        ([(0, 1)], True),
        ([(1, 1), (2, 1)], True),
        ([(0, float("inf"))], False),
    ],
)
def test_points_that_make_no_line_are_refused(points: list[tuple[float, float]], repeats: bool) -> None:
    with pytest.raises(ValueError, match="a waveform"):
        Waveform.through(points, repeats=repeats)
