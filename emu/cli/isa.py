"""`w800emu isa MNEMONIC`: what an instruction is, straight from its declarations."""

from __future__ import annotations

import click

from emu.cli.exit_code import ExitCode


@click.command("isa")
@click.argument("mnemonic", required=False)
def command(mnemonic: str | None) -> ExitCode:
    """Show encodings, syntax and meaning of MNEMONIC; without it, list all mnemonics."""
    from emu.isa.table import INSNS

    if mnemonic is None:
        click.echo("\n".join(sorted({row.mnemonic for row in INSNS})))
        return ExitCode.SUCCESS
    rows = [row for row in INSNS if mnemonic in (row.mnemonic, row.name, *row.aliases)]
    if not rows:
        raise click.BadParameter(f"no instruction is called {mnemonic!r} (`w800emu isa` lists them)")
    for row in rows:
        click.echo(
            f"{row.mnemonic} {row.syntax}".rstrip() + ("   (supervisor only)" if row.privileged else "")
        )
        click.echo(f"    {row.size_bytes * 8} bits   {row.pattern}")
        if row.aliases:
            click.echo(f"    also      {', '.join(row.aliases)}")
        for line in row.operation.splitlines():
            click.echo(f"    {line.strip()}".rstrip())
    return ExitCode.SUCCESS
