"""`w800emu disasm`: the instructions of a firmware as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from emu.cli.address import parse_address
from emu.cli.exit_code import ExitCode
from emu.isa.decode import size_bytes
from emu.isa.disasm import disassemble
from emu.loader import Firmware, load_firmware, symbols_of
from emu.loader.elf import FLASH_BASE


@click.command("disasm")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--start", type=parse_address, help="First address. [default: the start of the app]")
@click.option("--end", type=parse_address, help="Address behind the last. [default: the end of the app]")
@click.option("--symbol", help="Only this function.")
@click.option("--elf", type=click.Path(path_type=Path), help="Take the names from this ELF file.")
def command(file: Path, start: int | None, end: int | None, symbol: str | None, elf: Path | None) -> ExitCode:
    """Disassemble FILE: ELF, .img, .fls or flash .bin, as it lies in flash."""
    firmware = load_firmware(file)
    listing = Listing(firmware, elf)
    if symbol is not None:
        found = listing.symbols[symbol]
        start, end = found.address, found.end
    if firmware.app is not None:
        start = firmware.run_address if start is None else start
        end = firmware.run_address + firmware.app.header.body_size if end is None else end
    if start is None or end is None:
        raise click.UsageError(f"{file}: holds no app; say --start and --end")
    if not listing.holds(start):
        raise click.BadParameter(f"{file} has nothing at {start:#010x}")
    for line in listing.lines(start, end):
        click.echo(line)
    return ExitCode.SUCCESS


class Listing:
    """A firmware as one memory with names."""

    def __init__(self, firmware: Firmware, elf: Path | None) -> None:
        self.symbols = symbols_of(elf) if elf else firmware.symbols
        self._pieces = firmware.pieces

    def holds(self, address: int) -> bool:
        """Whether the firmware has a halfword at that address."""
        return self._read(address, 2) is not None

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Labels and instructions from `start` up to `end`, as far as the firmware has bytes there."""
        pc = start & ~1
        while pc < end and (first := self._read(pc, 2)) is not None:
            found = self.symbols.at(pc)
            if found is not None and found[1] == 0:
                yield f"\n{pc:08x} <{found[0].name}>:"
            second = self._read(pc + 2, 2) or 0
            size = size_bytes(first)
            code = f"{first:04x} {second:04x}" if size == 4 else f"{first:04x}"
            text = disassemble(
                first, second, pc, literal=lambda address: self._read(address, 4), symbol=self._name
            )
            yield f"{pc:8x}:  {code:<9}  {text}"
            pc += size

    def _word(self, address: int) -> int | None:
        return self._read(address, 4)

    def _name(self, address: int) -> str | None:
        return self.symbols.describe(address) or None

    def _read(self, address: int, size: int) -> int | None:
        offset = address - FLASH_BASE
        for piece in self._pieces:
            if piece.offset <= offset <= piece.end - size:
                return int.from_bytes(piece.data[offset - piece.offset :][:size], "little")
        return None
