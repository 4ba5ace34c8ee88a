"""`w800emu image info`: what a firmware file holds."""

from __future__ import annotations

from pathlib import Path

import click

from emu.cli.exit_code import ExitCode
from emu.cli.image_report import Report
from emu.escape import escaped
from emu.loader import find_firmware


@click.command("info")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> ExitCode:
    """Show header fields, checksum verdicts and partitions of FILE.

    FILE is anything that `run` takes, or a partition table (.bin, .img, .csv). The exit code is 1 if a
    checksum is wrong.
    """
    report = Report()
    report.file(find_firmware(file))
    click.echo("\n".join(map(escaped, report.lines)))
    return ExitCode.FAILURE if report.has_problems else ExitCode.SUCCESS
