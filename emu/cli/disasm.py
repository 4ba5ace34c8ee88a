"""`w800emu disasm`: the instructions of a firmware as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.text_type import TextType
from emu.quantities import parse_address

if TYPE_CHECKING:
    from emu.cli.host_listing import HostListing
    from emu.cli.listing import Listing

ADDRESS = TextType(parse_address)


@click.command("disasm")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--start",
    type=ADDRESS,
    metavar="ADDRESS",
    help="First address. [default: the start of the code]",
)
@click.option(
    "--end",
    type=ADDRESS,
    metavar="ADDRESS",
    help="Address behind the last. [default: the code's end]",
)
@click.option("--symbol", metavar="NAME", help="Only this function.")
@click.option("--elf", type=click.Path(path_type=Path), help="Take the names from this ELF file.")
@click.option(
    "--base",
    "--raw-base",
    "base",
    type=ADDRESS,
    metavar="ADDRESS",
    help="FILE is raw code that lies at this address.",
)
@click.option("--host", is_flag=True, help="Below each instruction, the AArch64 code it is translated to.")
def command(file: Path, start: int | None, end: int | None, symbol: str | None, **options: Any) -> ExitCode:
    """Disassemble FILE: any firmware that `run` takes; with --base any file."""
    from emu.cli.listing import Listing, load_code, load_raw_code
    from emu.escape import escaped_lines
    from emu.loader import symbols_of

    elf, base = options["elf"], options["base"]
    code = load_code(file) if base is None else load_raw_code(file, base)
    listing = Listing(code, symbols_of(elf) if elf else code.symbols)
    if symbol is not None:
        found = listing.symbols[symbol]
        start, end = found.address, found.end
    start = code.start if start is None else start
    end = code.end if end is None else end
    if start is None or end is None:
        raise click.UsageError(f"{file}: holds no app; say --start and --end")
    if not listing.holds(start):
        raise click.BadParameter(f"{file} has nothing at {start:#010x}")
    if end <= start:
        raise click.UsageError(f"--end {end:#010x} is not behind the first address, {start:#010x}")
    shown = listing if not options["host"] else _with_host_code(listing)
    for line in shown.lines(start, end):
        click.echo(escaped_lines(line))
    return ExitCode.SUCCESS


def _with_host_code(listing: Listing) -> HostListing:
    from emu.cli.host_listing import HostListing  # the translator and Capstone take their time to load

    return HostListing(listing)
