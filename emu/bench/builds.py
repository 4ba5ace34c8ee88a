"""The two builds of a program of the suite: functions of a number of rounds, which return a checksum."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from emu.bench.native import Call, Loadable, NativeProgram
from emu.machine import Machine
from emu.options import EngineName

CALL, DONE, ROUNDS = "benchmark_call", "benchmark_done", "benchmark_rounds"
"""Symbols of both builds: where a call begins and ends, and the number of rounds that a measurement takes."""


class EmulatedBuild:
    """The W800 build on a machine like any firmware; what is translated stays for the next call."""

    def __init__(self, elf: Path, engine: EngineName = "translator") -> None:
        self._machine = Machine.load(elf, engine=engine, cache=False)
        self.rounds = int.from_bytes(self._machine.read(ROUNDS), "little")
        self.address = self._machine.address_of("benchmark")
        """Where the program runs."""
        self.instructions = 0
        """Of the last call."""

    def call(self, rounds: int) -> Call:
        """Run the program, from wherever the call before has left the machine."""
        machine = self._machine
        machine.run_until_address(CALL)
        machine.registers["r0"] = rounds
        before = machine.executed
        start = time.process_time()
        machine.run_until_address(DONE)
        seconds = time.process_time() - start
        self.instructions = machine.executed - before
        return Call(seconds, machine.registers["r0"])


class NativeBuild:
    """The AArch64 build in Unicorn, without an emulator around it."""

    def __init__(self, elf: Path) -> None:
        with elf.open("rb") as file:
            contents = ELFFile(file)
            segments = [
                Loadable(part["p_vaddr"], part.data(), part["p_memsz"], writable=bool(part["p_flags"] & 2))
                for part in contents.iter_segments("PT_LOAD")
                if part["p_memsz"]
            ]
            table: Any = contents.get_section_by_name(".symtab")
            addresses = {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}
        self._program = NativeProgram(segments, addresses[CALL])
        self.unicorn = self._program.unicorn
        self._end = addresses[DONE]
        self.rounds = int.from_bytes(self._program.read(addresses[ROUNDS], 4), "little")

    def call(self, rounds: int) -> Call:
        """Run the program."""
        call = self._program.call(rounds, self._end)
        return Call(call.seconds, call.result & 0xFFFF_FFFF)
