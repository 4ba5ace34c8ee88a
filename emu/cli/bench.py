"""`w800emu bench`: the speed of translated code against the limit that the stock Unicorn sets."""

from __future__ import annotations

from pathlib import Path

import click

from emu.cli.exit_code import ExitCode
from emu.host.message import tell


@click.command("bench")
@click.option(
    "--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Runs of each build."
)
def command(rounds: int) -> ExitCode:
    """Run one C program built for the W800 and for AArch64, and compare the times.

    The AArch64 build runs directly in Unicorn: translated W800 code cannot be much faster than that. The runs
    alternate, and the best of each counts. Times are CPU seconds of this process, translation not included.
    """
    import roms
    from emu.bench.builds import EmulatedBenchmark, NativeBenchmark

    folder = Path(roms.__file__).parent / "benchmark"
    emulated, native = EmulatedBenchmark(folder / "w800.elf"), NativeBenchmark(folder / "aarch64.elf")
    emulated.run()  # translates
    times = [(emulated.run(), native.run()) for _ in range(rounds)]
    if emulated.checksum() != native.checksum():
        tell("error: the two builds computed different checksums")
        return ExitCode.FAILURE
    emulated_s, native_s = map(min, zip(*times, strict=True))
    click.echo(f"W800 build, translated    {emulated_s:7.3f} s   {emulated.mips(emulated_s):7.0f} MIPS")
    click.echo(f"AArch64 build in Unicorn  {native_s:7.3f} s")
    click.echo(
        f"ratio                     {emulated_s / native_s:7.2f}     (1.00 is the limit of the engine)"
    )
    return ExitCode.SUCCESS
