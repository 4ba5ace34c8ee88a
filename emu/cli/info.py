"""`w800emu info`: versions, folders, and what of the chip is modelled."""

from __future__ import annotations

import platform
from shutil import get_terminal_size

import click

from emu.cli.exit_code import ExitCode
from emu.soc.variants import VARIANTS, Variant

PACKAGES = ("unicorn", "capstone", "pyelftools", "click")


@click.command("info")
@click.option("--support-table", is_flag=True, help="Print only the table of blocks, in Markdown.")
def command(support_table: bool) -> ExitCode:
    """Show versions, folders, chips, and what of the chip is modelled."""
    from emu.cache.folder import usual_cache_folder
    from emu.cli.support_table import markdown, plain
    from emu.isa.table import INSNS

    if support_table:
        click.echo(markdown(), nl=False)
        return ExitCode.SUCCESS
    folder = usual_cache_folder()
    rows = [
        ("w800emu", version_of("w800emu")),
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        *((package, version_of(package)) for package in PACKAGES),
        ("translations", f"kept in {folder}" if folder else "not kept, for there is no home directory"),
        ("instructions", f"{len(INSNS)} encodings of {len({row.mnemonic for row in INSNS})} mnemonics"),
        *(("chip", _describe(chip)) for chip in VARIANTS.values()),
    ]
    for name, value in rows:
        click.echo(f"{name:<14} {value}")
    click.echo(f"\n{plain(get_terminal_size().columns)}", nl=False)
    return ExitCode.SUCCESS


def _describe(chip: Variant) -> str:
    parts = [chip.package, f"{chip.flash_size_bytes >> 20} MB of flash" + (" outside" * (not chip.has_flash))]
    parts += [f"{chip.psram_size_bytes >> 20} MB of PSRAM"] * (chip.psram_size_bytes > 0)
    parts += ["no radio"] * (not chip.has_radio)
    parts += [f"also called {name.upper()}" for name in chip.also]
    return f"{chip.name.upper()}: {', '.join(parts)}"


def version_of(package: str) -> str:
    """The version of an installed package."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
