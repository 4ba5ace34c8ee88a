"""`w800emu image pack`: OTA images."""

from __future__ import annotations

from pathlib import Path

import click

from emu.cli.exit_code import ExitCode
from emu.cli.text_type import TextType
from emu.loader import Compression, pack_ota, write_atomically
from emu.loader.files import read_file
from emu.quantities import parse_address

FILE = click.Path(path_type=Path)


@click.command("pack")
@click.argument("image", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="File to write.")
@click.option(
    "--compression",
    type=click.Choice([kind.value for kind in Compression]),
    help="[default: xz for the IoT SDK, gzip for the older ones]",
)
@click.option(
    "--upgrade-address",
    type=TextType(parse_address),
    metavar="ADDRESS",
    help="Where OTA images lie. [default: as in IMAGE]",
)
def command(image: Path, output: Path, compression: str | None, upgrade_address: int | None) -> ExitCode:
    """Pack IMAGE, the .img file of an app, into an OTA image that the second bootloader unpacks."""
    kind = Compression(compression) if compression else None
    data = pack_ota(read_file(image), kind, upgrade_address=upgrade_address, name=image.name)
    write_atomically(output, data)
    return ExitCode.SUCCESS
