"""Runs that stay in the boot code, or come to the mask ROM's download mode."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line
from emu.machine.demo import BUILT_IN_PROGRAMS

ATCMD = str(BUILT_IN_PROGRAMS[1])
RUN = (sys.executable, "-m", "emu.cli", "run", "--no-cache")


@pytest.fixture
def erased(tmp_path: Path) -> str:
    path = tmp_path / "erased.bin"
    path.write_bytes(b"\xff" * 0x20_0000)
    return str(path)


def test_the_roms_letter_ends_its_line_before_a_message(erased: str) -> None:
    done = subprocess.run(
        [*RUN, "--flash-file", erased], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert done.returncode == 1
    assert b"\nC\nw800emu: error: the mask ROM waits for a download: " in done.stdout


def test_with_somebody_at_uart_0_the_run_goes_on(erased: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--uart0", "tcp:0", "--uart0", "stdio", "--max-time", "450ms", "--no-realtime"]
    assert run_command_line(["run", "--no-cache", "--flash-file", erased, *options]) == 42
    assert capsys.readouterr().out == "CCCCC"


def test_the_user_may_want_it_to_wait_or_not(erased: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["run", "--no-cache", "--flash-file", erased, "--max-time", "450ms"]
    assert run_command_line([*options, "--download", "wait"]) == 42
    assert run_command_line([*options, "--download", "stop", "--uart0", "tcp:0"]) == 1


def test_the_time_may_be_up_in_the_boot_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["run", "--no-cache", ATCMD, "--max-time", "10ms"]) == 42
    assert "the virtual time is up after 0.010 s; in the boot code" in capsys.readouterr().err


def test_a_flash_file_that_is_not_there_is_a_new_board(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new.bin"
    options = ["--uart0", "tcp:0", "--max-time", "50ms", "--no-realtime", "--flash-size", "1M"]
    assert run_command_line(["run", "--no-cache", "--flash-file", str(new), *options]) == 42
    assert "is new: an erased flash, which is saved at the end" in capsys.readouterr().err
    assert new.read_bytes() == b"\xff" * 0x10_0000
