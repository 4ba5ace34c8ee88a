"""Runs a tool of the SDK, unmodified, against an emulator."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

from emu.cli.ending_signals import exit_code_of_signal
from emu.cli.exit_code import ExitCode

SHIM: Final = "import serial, serial.rfc2217\nserial.Serial = serial.rfc2217.Serial\n"
"""They make `serial.Serial`, which takes no URLs; what takes them has the same attributes."""
_ADDRESS = re.compile(r"rfc2217://[\d.]+:\d+")


def run(command: Sequence[str]) -> int:
    """Run one that needs no emulator; its exit code."""
    return subprocess.call(command)


def run_against(
    port: int | None, flash_file: Path | None, script: list[str], arguments: Sequence[str]
) -> int:
    """Run one against the emulator at a port, or else one that is started with a flash; its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(SHIM)
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path}
        if flash_file is None:
            return _call([*script, "-p", f"rfc2217://127.0.0.1:{port}", *arguments], environment)
        with _emulator(flash_file) as url:
            return _call([*script, "-p", url, *arguments], environment)


def _call(command: list[str], environment: dict[str, str]) -> int:
    """Run the tool; Ctrl-C has come to it, too, other signals are passed on."""
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt as interruption:
                if exit_code_of_signal(interruption) != ExitCode.INTERRUPTED:
                    process.terminate()


@contextmanager
def _emulator(flash_file: Path) -> Iterator[str]:
    """One with this flash, which is saved at the end; where its UART 0 is."""
    command = [sys.executable, "-m", "emu.cli", "run", "--flash-file", str(flash_file), "--save-flash"]
    options = ["--uart0", "rfc2217:0"]
    process = subprocess.Popen(
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tool
    )
    assert process.stderr is not None
    # Nobody reads what it says later; it must not wait for that.
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    try:
        address = _address(process.stderr)
        drain.start()
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        if drain.ident is not None:
            drain.join()
        process.stderr.close()


def _address(told: IO[str]) -> str:
    """Where it is, as it says; click.ClickException with why it has ended instead."""
    line = last = ""
    while not (address := _ADDRESS.search(line)):
        last, line = line, told.readline()
        if not line:
            raise click.ClickException(last.strip().removeprefix("w800emu: error: "))
    return address[0]
