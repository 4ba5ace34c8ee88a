"""`w800emu image build`: firmware files of other firmware files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from emu.cli.exit_code import ExitCode
from emu.loader import (
    FLASH_SIZES,
    FirmwareKind,
    Image,
    ImageType,
    PartitionTable,
    compose_flash,
    load_firmware,
    load_partition_table,
    write_atomically,
)
from emu.loader.firmware import holds_partition_table
from emu.loader.fls import build_fls
from emu.loader.headers import partition_table_image
from emu.loader.image import VERSION_SIZE, encode_version

FLASH_SIZE = {f"{size_bytes >> 20}M": size_bytes for size_bytes in FLASH_SIZES}
FILE = click.Path(path_type=Path)


@click.command("build")
@click.argument("inputs", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=FILE, required=True, help="File to write.")
@click.option("--version", help="Version string in the header of the app; at most 15 characters.")
@click.option(
    "--partition-table", type=FILE, help="Table to build for (.csv, .bin or .img) [default: the SDK's]."
)
@click.option("--flash-size", type=click.Choice(list(FLASH_SIZE)), default="2M", show_default=True)
def command(
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
