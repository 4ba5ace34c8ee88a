"""However a command ends, its files are whole, and one line says why."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.tiny_firmware import write_firmware
from cpu.program import code
from machine.device import PREPARE_UART0, SPIN, send

from emu.cli import ending_signals
from emu.cli.ending_signals import EndedBySignal, EndingSignals
from emu.host.output_file import OutputFile

COMMAND = (sys.executable, "-m", "emu.cli")
needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="a process cannot be sent these signals there"
)
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")


@pytest.fixture
def hello(tmp_path: Path) -> str:
    program = code(PREPARE_UART0, send("Hello, world\r\n"), SPIN)
    return str(write_firmware(tmp_path / "hello.elf", program))


@needs_signals
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_ends_a_run_with_everything_saved(hello: str, tmp_path: Path, name: str, times: int) -> None:
    flash, folder = tmp_path / "saved" / "flash.bin", tmp_path / "saved"
    folder.mkdir()
    arguments = ("run", hello, "--no-cache", "--flash-file", str(flash), "--save-flash")
    process = subprocess.Popen(
        (*COMMAND, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"Hello, world\n"
    flash.unlink()  # what was written at the start
    number = getattr(signal, name)
    for _ in range(times):
        process.send_signal(number)
    errors = process.communicate()[1].decode()
    assert process.returncode == 128 + number
    how = "interrupted" if name == "SIGINT" else f"ended by {name}"
    assert f"w800emu: {how} after " in errors
    assert "Traceback" not in errors
    assert list(folder.iterdir()) == [flash]


def test_only_the_first_signal_counts_unless_something_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    with EndingSignals() as signals:
        with pytest.raises(EndedBySignal, match="SIGTERM"):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        monkeypatch.setattr(ending_signals, "PATIENCE_S", 0)
        with pytest.raises(EndedBySignal, match="SIGINT"):
            signal.raise_signal(signal.SIGINT)
        assert signals.received == signal.SIGTERM


def test_a_signal_that_is_ignored_from_the_start_stays_so() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with EndingSignals() as signals:
            signal.raise_signal(signal.SIGTERM)
        assert signals.received is None
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


@needs_full
@pytest.mark.parametrize("arguments", [("run",), ("isa",), ("info",), ("--help",), ("disasm",)])
def test_a_full_disk_behind_standard_output_is_one_line(hello: str, arguments: tuple[str, ...]) -> None:
    more = {"run": (hello, "--no-cache"), "disasm": (hello,)}.get(arguments[0], ())
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run((*COMMAND, *arguments, *more), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == b"w800emu: error: standard output: No space left on device"
    assert b"Traceback" not in done.stderr


@needs_signals
@pytest.mark.parametrize("command", ["run", "isa"])
def test_a_reader_that_has_gone_is_one_line(hello: str, command: str) -> None:
    more = (hello, "--no-cache") if command == "run" else ()
    process = subprocess.Popen((*COMMAND, command, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait() == 1
    process.stderr.close()
    assert errors.splitlines()[-1] == b"w800emu: error: standard output: Broken pipe"
    assert b"Traceback" not in errors


@needs_signals
def test_closed_standard_output_is_one_line() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "isa"], stderr=subprocess.PIPE, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"w800emu: error: standard output is closed: ")
    assert done.stderr.count(b"\n") == 1


@needs_full
@pytest.mark.parametrize(
    "option", ["--uart0=file:/dev/full", "--trace=/dev/full", "--ramdump=/dev/full", "--save-state=/dev/full"]
)
def test_a_full_disk_behind_a_file_of_a_run_names_it(tmp_path: Path, option: str) -> None:
    crash = write_firmware(tmp_path / "crash.elf", code(PREPARE_UART0, send("Hello\n"), b"\0\0"))
    done = subprocess.run(
        (*COMMAND, "run", str(crash), "--no-cache", option), capture_output=True, check=False
    )
    assert done.returncode != 0
    assert b"w800emu: error: /dev/full: " in done.stderr
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@needs_full
def test_an_output_file_names_itself_in_errors() -> None:
    file = OutputFile(Path("/dev/full"))
    file.write(b"data")
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        file.flush()
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        file.close()
