"""`--flash-file`: what the next run starts from, and what happens to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.tiny_firmware import write_firmware
from cpu.program import code
from machine.device import PREPARE_UART0, SPIN, send

from emu.cli.__main__ import run_command_line

HELLO = code(PREPARE_UART0, send("Hello, world\r\n"), SPIN)


@pytest.fixture
def hello(tmp_path: Path) -> str:
    return str(write_firmware(tmp_path / "hello.elf", HELLO))


def run(*arguments: str) -> int:
    return run_command_line(["run", "--no-cache", *arguments])


def test_saved_flash_is_where_the_next_run_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flash = str(tmp_path / "flash.bin")
    assert run("--flash-file", flash, "--save-flash") == 0
    assert "unxz succeed" in capsys.readouterr().out
    assert run("--flash-file", flash, "--expect", "atcmd init finished") == 0
    output = capsys.readouterr().out
    assert "atcmd init finished" in output
    assert "unxz" not in output


def test_a_saved_flash_with_another_program_is_not_waited_for_as_if_it_were_the_demo(
    hello: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flash = str(tmp_path / "flash.bin")
    assert run(hello, "--flash-file", flash, "--save-flash", "--max-time", "1s") == 42
    assert run("--flash-file", flash, "--max-time", "1s") == 42
    output = capsys.readouterr()
    assert "Hello" in output.out
    assert "atcmd init finished" not in output.err
    assert "w800emu: W800 (guessed: " in output.err


def test_an_existing_flash_file_is_used_as_it_is_unless_it_is_to_be_flashed_anew(
    hello: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(write_firmware(tmp_path / "other.elf", code(PREPARE_UART0, send("Other"), SPIN)))
    flash = tmp_path / "flash.bin"
    run(other, "--flash-file", str(flash), "--save-flash", "--max-time", "1s")
    told = f"w800emu: {flash} is not there yet: the flash is what {other} makes of it\n"
    assert told in capsys.readouterr().err
    saved = bytearray(flash.read_bytes())
    saved[0x1F_0000:0x1F_0008] = b"settings"
    flash.write_bytes(saved)
    options = "--flash-file", str(flash), "--max-time", "1s"
    capsys.readouterr()
    assert run(other, *options, "--expect", "Other") == 0
    assert f"w800emu: the flash is that of {flash}, which holds {other}\n" in capsys.readouterr().err
    assert run(hello, *options, "--expect", "Other") == 0
    told = f"which holds another program than {hello}: --reflash flashes that into it\n"
    assert told in capsys.readouterr().err
    assert run(hello, *options, "--reflash", "--save-flash", "--expect", "Hello") == 0
    assert f"the flash is that of {flash}, with {hello} flashed into it\n" in capsys.readouterr().err
    assert flash.read_bytes()[0x1F_0000:0x1F_0008] == b"settings"
    assert run("--flash-file", str(flash), "--expect", "Hello", "--max-time", "1s") == 0


@pytest.mark.parametrize("options", [[], ["--flash-file", "flash.bin"]])
def test_only_a_firmware_can_be_flashed_anew_and_only_into_a_file(
    hello: str, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert run(*([] if options else [hello]), "--reflash", *options) == 2
    error = capsys.readouterr().err
    assert error == "w800emu: error: reflash: needs a firmware, and a flash file to write it into\n"


def test_without_save_flash_the_file_stays_as_it_was(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    run("--flash-file", str(flash), "--save-flash", "--expect", "main: ver")
    before = flash.read_bytes()
    assert run("--flash-file", str(flash)) == 0
    assert flash.read_bytes() == before


def test_a_flash_file_of_another_size_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flash = tmp_path / "flash.bin"
    flash.write_bytes(bytes(100))
    assert run("--flash-file", str(flash)) == 2
    assert "flash.bin: 0x64 bytes, the flash has 0x200000" in capsys.readouterr().err
