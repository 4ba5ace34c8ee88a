"""One benchmark program in its two builds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from emu.bench.native import Loadable, NativeProgram
from emu.machine import Machine

BENCHMARK_END = "benchmark_done"
CHECKSUM = "benchmark_checksum"


class EmulatedBenchmark:
    """The W800 build on a machine like any firmware."""

    def __init__(self, program: Path) -> None:
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
        with program.open("rb") as file:
            elf = ELFFile(file)
            segments = [
                Loadable(part["p_vaddr"], part.data(), part["p_memsz"], writable=bool(part["p_flags"] & 2))
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
