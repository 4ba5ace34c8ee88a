"""`w800emu info`: versions, folders, and what of the chip is modelled."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import click

from emu.cli.exit_code import ExitCode

PACKAGES = ("unicorn", "capstone", "pyelftools", "click", "rich")


@click.command("info")
@click.option("--support-table", is_flag=True, help="Print only the table of blocks, in Markdown.")
def command(support_table: bool) -> ExitCode:
    """Show versions, folders, chips, and what of the chip is modelled."""
    from platformdirs import user_cache_path

    from emu.cli.support_table import markdown
    from emu.isa.table import INSNS
    from emu.soc.variants import VARIANTS

    if support_table:
        click.echo(markdown(), nl=False)
        return ExitCode.SUCCESS
    rows = [
        ("w800emu", version_of("w800emu")),
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        *((package, version_of(package)) for package in PACKAGES),
        ("translations", f"kept in {user_cache_path('w800emu')}"),
        ("instructions", f"{len(INSNS)} encodings of {len({row.mnemonic for row in INSNS})} mnemonics"),
        ("chips", ", ".join(f"{chip.name} ({chip.flash_size_bytes >> 20} MB)" for chip in VARIANTS.values())),
    ]
    for name, value in rows:
        click.echo(f"{name:<14} {value}")
    click.echo(f"\n{markdown()}", nl=False)
    return ExitCode.SUCCESS


def version_of(package: str) -> str:
    """The version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
