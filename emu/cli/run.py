"""`w800emu run`: the options of a run, and what they turn into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from emu.cli.address import parse_address
from emu.cli.cycles import parse_cycles
from emu.cli.duration import parse_duration
from emu.cli.exit_code import ExitCode
from emu.cli.run_options import RunOptions
from emu.cli.uart_backend import parse_backend

FILE = click.Path(path_type=Path)
UART_COUNT = 6


def uart_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--uart0` to `--uart5`."""
    for number in reversed(range(UART_COUNT)):
        what = "stdio, file:PATH, tcp:PORT or none." if number == 0 else "Likewise."
        option = click.option(f"--uart{number}", type=parse_backend, metavar="BACKEND", help=what)
        command = option(command)
    return command


@click.command("run")
@click.argument("firmware", type=FILE, required=False)
@click.option(
    "--chip",
    metavar="NAME",
    help="Chip or board, as `w800emu info` lists them. [default: guessed from FIRMWARE]",
)
@click.option("--base", type=parse_address, metavar="ADDRESS", help="Where FIRMWARE runs, if it is raw code.")
@click.option("--psram", type=click.Choice(["2", "4", "8"]), help="Fit a PSRAM of so many MB.")
@click.option(
    "--bootloader",
    default="auto",
    metavar="auto|modeled|none|FILE",
    help="Second bootloader: FIRMWARE's own unless it is modelled (auto), the model, none, or a real one.",
)
@click.option("--partition-table", type=FILE, help="Replace the partition table of FIRMWARE by this one.")
@click.option("--flash-file", type=FILE, help="Take the flash contents from this file if it exists.")
@click.option("--save-flash", is_flag=True, help="Write the flash contents to --flash-file at the end.")
@uart_options
@click.option("--expect", multiple=True, metavar="TEXT", help="End with 0 once UART0 has printed it.")
@click.option("--fail-on", multiple=True, metavar="TEXT", help="End with 1 when UART0 prints it.")
@click.option("--max-time", type=parse_duration, metavar="TIME", help="End with 42 after this virtual time.")
@click.option(
    "--cpi",
    type=parse_cycles,
    metavar="CYCLES",
    help="CPU cycles an instruction takes: a number, or flash=CYCLES,ram=CYCLES. [default: as measured]",
)
@click.option("--realtime/--no-realtime", default=None, help="Follow the host's clock. [default: if live]")
@click.option("--crash", type=click.Choice(["stop", "continue"]), default="stop", help="What a crash does.")
@click.option("--recent-branches", is_flag=True, help="Have a crash tell the last branches (takes speed).")
@click.option("--ramdump", type=FILE, help="Write registers and RAM of the first crash as the SDK does.")
@click.option("--engine", type=click.Choice(["translator", "interpreter"]), help="What executes the code.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep translations on disk.")
@click.option("--elf", type=FILE, multiple=True, help="Take symbols from this ELF file (repeatable).")
@click.option("--trace", type=FILE, help="Write every instruction to this file (interpreter, slow).")
@click.option("--report-unmodeled", is_flag=True, help="List hardware without a model that was used.")
@click.option("--stats", is_flag=True, help="Print what the run took, and that list.")
def command(firmware: Path | None, **options: Any) -> ExitCode:
    """Run FIRMWARE: an ELF, .img, .fls, .hex, .srec, .soc or .bin file, packed or not, or a build folder.

    It is recognised by its contents. Without FIRMWARE the built-in demo runs: an OTA update, then the AT
    firmware it installs.

    UART0 is on the terminal. All times are virtual. The exit code is 0 for the expected end, 1 for a failure
    or a crash, 2 for wrong usage, 42 when --max-time is up, 130 after Ctrl-C.
    """
    if options["save_flash"] and options["flash_file"] is None:
        raise click.UsageError("--save-flash needs --flash-file, which says where")
    if options["ramdump"] and not options["ramdump"].parent.is_dir():
        raise click.UsageError(f"--ramdump: {options['ramdump'].parent} is no folder")
    if options["trace"] and options["engine"] == "translator":
        raise click.UsageError("--trace needs --engine interpreter")
    from emu.cli.runner import (
        Runner,  # the emulator takes its time to import: wrong usage need not wait for it
    )

    ending = Runner(RunOptions(firmware=firmware, **options)).run()
    if ending.message:
        click.echo(f"w800emu: {ending.message}", err=True)
    return ending.code
