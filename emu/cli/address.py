"""Addresses on the command line."""

from __future__ import annotations

import click


def parse_address(text: str) -> int:
    """A 32-bit number as Python writes it: 0x0800_f400, 0x800f400 or decimal."""
    try:
        address = int(text, 0)
    except ValueError:
        address = -1
    if not 0 <= address <= 0xFFFF_FFFF:
        raise click.BadParameter(f"{text!r} is not a 32-bit address such as 0x0800f400")
    return address
