from __future__ import annotations

import click
import pytest

from emu.cli.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [("1ns", 1), ("250us", 250_000), ("1.5ms", 1_500_000), ("10s", 10_000_000_000), ("2m", 120_000_000_000)],
)
def test_a_number_with_a_unit_is_a_duration(text: str, duration_ns: int) -> None:
    assert parse_duration(text) == duration_ns


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "1h", "1 s", "0s", "0.1ns", "1e3s"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a duration such as"):
        parse_duration(text)


def test_reports_show_seconds_with_milliseconds() -> None:
    assert format_duration(2_856_400_000) == "2.856 s"
