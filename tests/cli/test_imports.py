"""What a command does not use it does not import: each module costs every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli.tiny_firmware import write_firmware
from machine.device import SPIN

PROJECT = Path(__file__).resolve().parents[2]
ON_DEMAND = {
    "bincopy",
    "capstone",
    "Crypto",
    "difflib",
    "elftools",
    "emu.network.world",
    "json",
    "py7zr",
    "regex",
    "rich",
    "socket",
    "subprocess",
}
EMULATOR = {"unicorn", "emu.machine", "emu.loader", "emu.dbt.engine"}


def imported(program: str, *arguments: str) -> set[str]:
    """The modules that Python has when a program ends."""
    report = "\nimport sys\nsys.stderr.write('modules:' + ' '.join(sys.modules))"
    command = [sys.executable, "-c", program + report, *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    return set(done.stderr.rpartition("modules:")[2].split())


def imported_by(*arguments: str) -> set[str]:
    """The same for a command line."""
    return imported(
        "import sys\nfrom emu.cli.__main__ import run_command_line\nrun_command_line(sys.argv[1:])",
        *arguments,
    )


def unwanted(modules: set[str], names: set[str]) -> list[str]:
    """Those of `names` that are there."""
    return sorted(names & modules)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]])
def test_help_needs_nothing_of_the_emulator(arguments: list[str]) -> None:
    assert unwanted(imported_by(*arguments), ON_DEMAND | EMULATOR | {"emu.isa.table"}) == []


@pytest.mark.parametrize("command", ["image", "disasm", "isa", "bench", "info"])
def test_help_of_a_command_needs_no_engine(command: str) -> None:
    assert unwanted(imported_by(command, "--help"), ON_DEMAND | {"unicorn", "emu.machine"}) == []


def test_info_needs_no_machine() -> None:
    """Python's own reader of package data needs sockets, and from 3.13 on JSON."""
    assert unwanted(imported_by("info"), ON_DEMAND - {"socket", "json"} | EMULATOR) == []
    assert unwanted(imported_by("--version"), ON_DEMAND - {"socket", "json"} | EMULATOR) == []


def test_a_firmware_without_source_lines_runs_without_what_reads_them(tmp_path: Path) -> None:
    firmware = write_firmware(tmp_path / "app.elf", SPIN)
    assert unwanted(imported_by("run", str(firmware), "--max-time", "1us"), ON_DEMAND) == []


def test_a_run_that_ends_well_asks_for_no_source_line() -> None:
    modules = imported_by("run", "--expect", "This example succeeds in running.")
    assert unwanted(modules, ON_DEMAND) == []
    assert "unicorn" in modules


def test_the_library_imports_no_more_than_a_machine_needs() -> None:
    assert unwanted(imported("import emu.machine"), ON_DEMAND | {"click", "unicorn", "platformdirs"}) == []
    assert unwanted(imported("import emu"), ON_DEMAND | EMULATOR | {"click"}) == []


def test_the_modules_of_a_program_are_seen() -> None:
    assert {"json", "roms"} <= imported("import json, roms")
