"""What the command line itself says, beside the firmware's output."""

from __future__ import annotations

import click

from emu.escape import escaped_lines


def tell(message: str) -> None:
    """Print on standard error, in our name; names from files cannot control the terminal."""
    click.echo(f"w800emu: {escaped_lines(message)}", err=True)
