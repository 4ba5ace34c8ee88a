"""`w800emu image`: look into firmware files, build them, pack OTA images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from emu.cli.exit_code import ExitCode
from emu.cli.text_type import TextType
from emu.escape import escaped
from emu.loader import (
    FLASH_SIZES,
    Compression,
    FirmwareKind,
    Image,
    ImageType,
    PartitionTable,
    compose_flash,
    find_firmware,
    load_firmware,
    load_partition_table,
    pack_ota,
    write_atomically,
)
from emu.loader.files import read_file
from emu.loader.firmware import holds_partition_table
from emu.loader.fls import build_fls
from emu.loader.headers import partition_table_image
from emu.loader.image import VERSION_SIZE, encode_version
from emu.quantities import parse_address

FLASH_SIZE = {f"{size_bytes >> 20}M": size_bytes for size_bytes in FLASH_SIZES}
FILE = click.Path(path_type=Path)
OUTPUT = click.option("-o", "--output", type=FILE, required=True, help="File to write.")


class InspectByDefault(click.Group):
    """Takes `image FILE` as `image info FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the sub-command in where a file name stands."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args.insert(0, "info")
        return super().parse_args(ctx, args)


@click.group("image", cls=InspectByDefault)
def command() -> None:
    """Look into firmware files, build them, pack OTA images.

    `w800emu image FILE` is short for `w800emu image info FILE`.
    """


@command.command()
@click.argument("file", type=FILE)
def info(file: Path) -> ExitCode:
    """Show header fields, checksum verdicts and partitions of FILE.

    FILE is anything that `run` takes, or a partition table (.bin, .img, .csv). The exit code is 1 if a
    checksum is wrong.
    """
    from emu.cli.image_report import Report

    report = Report()
    report.file(find_firmware(file))
    click.echo("\n".join(map(escaped, report.lines)))
    return ExitCode.FAILURE if report.has_problems else ExitCode.SUCCESS


@command.command()
@click.argument("inputs", type=FILE, nargs=-1, required=True)
@OUTPUT
@click.option("--version", help="Version string in the header of the app; at most 15 characters.")
@click.option(
    "--partition-table", type=FILE, help="Table to build for (.csv, .bin or .img) [default: the SDK's]."
)
@click.option("--flash-size", type=click.Choice(list(FLASH_SIZE)), default="2M", show_default=True)
def build(
    inputs: tuple[Path, ...], output: Path, version: str | None, partition_table: Path | None, flash_size: str
) -> ExitCode:
    """Build OUTPUT from INPUTS, any firmware that `run` takes; its suffix says what: .img, .fls or .bin.

    .img: the image of one program. .fls: a package of images, with a partition table if the app looks for
    one. .bin: the contents of a whole flash.
    """
    table = load_partition_table(partition_table) if partition_table else None
    suffix = output.suffix.lower()
    if suffix == ".bin" and len(inputs) == 1:
        data = bytes(
            compose_flash(load_firmware(inputs[0], partition_table=table), int(flash_size[:-1]) << 20)
        )
    elif suffix == ".img" and len(inputs) == 1:
        data = _only_app(inputs[0], version, table).to_bytes()
    elif suffix == ".fls":
        data = build_fls(_package(inputs, version, table))
    else:
        what = "one firmware goes into it" if suffix in (".bin", ".img") else "use .img, .fls or .bin"
        raise click.UsageError(f"{output}: cannot be built from {len(inputs)} files; {what}")
    write_atomically(output, data)
    return ExitCode.SUCCESS


@command.command()
@click.argument("image", type=FILE)
@OUTPUT
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
def pack(image: Path, output: Path, compression: str | None, upgrade_address: int | None) -> ExitCode:
    """Pack IMAGE, the .img file of an app, into an OTA image that the second bootloader unpacks."""
    kind = Compression(compression) if compression else None
    data = pack_ota(read_file(image), kind, upgrade_address=upgrade_address, name=image.name)
    write_atomically(output, data)
    return ExitCode.SUCCESS


def _only_app(path: Path, version: str | None, table: PartitionTable | None) -> Image:
    app = load_firmware(path, partition_table=table).app
    if app is None:
        raise click.UsageError(f"{path}: holds no app")
    return _with_version(app, version)


def _package(inputs: tuple[Path, ...], version: str | None, table: PartitionTable | None) -> list[Image]:
    """All images of the inputs, and a partition table unless one of them is it."""
    firmwares = [load_firmware(path, partition_table=table) for path in inputs]
    for path, firmware in zip(inputs, firmwares, strict=True):
        if firmware.kind in (FirmwareKind.LUATOS, FirmwareKind.FLASH):
            raise click.UsageError(f"{path}: a {firmware.kind} holds more than images: build a .bin")
    images = [image for firmware in firmwares for image in firmware.images]
    if not any(map(holds_partition_table, images)):
        tables = [firmware.partition_table for firmware in firmwares if firmware.partition_table]
        images += [partition_table_image(table) for table in tables[:1]]
    return [
        _with_version(image, version) if image.header.image_type == ImageType.USER else image
        for image in images
    ]


def _with_version(image: Image, version: str | None) -> Image:
    if version is None:
        return image
    if not version.isascii() or len(version) >= VERSION_SIZE:
        raise click.UsageError(f"--version: {version!r} is not at most {VERSION_SIZE - 1} ASCII characters")
    return replace(image, header=replace(image.header, version_field=encode_version(version)).sealed())
