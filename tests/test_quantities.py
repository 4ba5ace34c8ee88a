from __future__ import annotations

import pytest

from emu.quantities import format_duration, parse_address, parse_duration, parse_number, parse_size


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("1ns", 1),
        ("250us", 250_000),
        ("1.5ms", 1_500_000),
        ("10s", 10_000_000_000),
        ("2m", 120_000_000_000),
        ("8h", 28_800_000_000_000),
    ],
)
def test_a_number_with_a_unit_is_a_duration(text: str, duration_ns: int) -> None:
    assert parse_duration(text) == duration_ns


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "1d", "1 s", "0s", "0.1ns", "1e3s"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as"):
        parse_duration(text)


def test_reports_show_seconds_with_milliseconds() -> None:
    assert format_duration(2_856_400_000) == "2.856 s"


@pytest.mark.parametrize(
    ("text", "size_bytes"), [("2M", 2 << 20), ("8", 8 << 20), ("512K", 512 << 10), ("4MiB", 4 << 20)]
)
def test_a_size_is_in_megabytes_unless_it_has_a_unit(text: str, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "-1", "2G", "1.5M", "two", "٣", "1_0"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size such as"):
        parse_size(text)


@pytest.mark.parametrize("text", ["", "-1", "0x1_0000_0000", "1e3", "flash", "9" * 5000])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a 32-bit address such as"):
        parse_address(text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "seven", "9" * 30])
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number such as"):
        parse_number(text)
