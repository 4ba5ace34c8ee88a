"""Durations on the command line: `250us`, `1.5s`, `2m`."""

from __future__ import annotations

import re
from decimal import Decimal

import click

UNIT_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000}


def parse_duration(text: str) -> int:
    """Whole nanoseconds; the option type of everything that lasts."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m)", text)
    duration_ns = int(Decimal(match[1]) * UNIT_NS[match[2]]) if match else 0
    if duration_ns <= 0:
        raise click.BadParameter(f"{text!r} is not a duration such as 500ms, 10s or 2m (units: ns us ms s m)")
    return duration_ns


def format_duration(duration_ns: int) -> str:
    """Seconds with milliseconds, as reports show them."""
    return f"{duration_ns / 1e9:.3f} s"
