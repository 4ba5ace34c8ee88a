"""`w800emu bench`: the speed of translated code against the limit that the stock Unicorn sets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from emu.cli.exit_code import ExitCode
from emu.host.message import tell

BENCHMARK_END = "benchmark_done"
CHECKSUM = "benchmark_checksum"


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


class EmulatedBenchmark:
    """The W800 build on a machine like any firmware."""

    def __init__(self, program: Path) -> None:
        from emu.machine import Machine

        self._machine = Machine.load(program, cache=False)
        self._instructions = 0

    def run(self) -> float:
        """Seconds from the reset vector to the end."""
        self._machine.power_cycle()
        self._machine.run_until_address("start")
        before = self._machine.executed
        start = time.process_time()
        self._machine.run_until_address(BENCHMARK_END)
        seconds = time.process_time() - start
        self._instructions = self._machine.executed - before
        return seconds

    def mips(self, seconds: float) -> float:
        """Million guest instructions a second."""
        return self._instructions / seconds / 1e6

    def checksum(self) -> bytes:
        """What the program has computed."""
        return self._machine.read(self._machine.address_of(CHECKSUM), 4)


class NativeBenchmark:
    """The AArch64 build in Unicorn, without an emulator around it."""

    def __init__(self, program: Path) -> None:
        from elftools.elf.elffile import ELFFile

        from emu.dbt.native import NativeProgram, Segment

        with program.open("rb") as file:
            elf = ELFFile(file)
            segments = [
                Segment(part["p_vaddr"], part.data(), part["p_memsz"], writable=bool(part["p_flags"] & 2))
                for part in elf.iter_segments("PT_LOAD")
            ]
            table: Any = elf.get_section_by_name(".symtab")
            self._addresses = {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}
            self._program = NativeProgram(segments, elf.header["e_entry"])

    def run(self) -> float:
        """Seconds from the entry to the end."""
        return self._program.run(self._addresses[BENCHMARK_END])

    def checksum(self) -> bytes:
        """What the program has computed."""
        return self._program.read(self._addresses[CHECKSUM], 4)
