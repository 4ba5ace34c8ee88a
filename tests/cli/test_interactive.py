"""The demo with somebody at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

import pty


class Person:
    """Reads the screen and types."""

    def __init__(self, descriptor: int) -> None:
        self.screen = b""
        self._descriptor = descriptor

    def wait_for(self, text: bytes) -> None:
        while text not in self.screen:
            shown = self._read()
            assert shown, f"ended without {text!r}: {self.screen!r}"
            self.screen += shown

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 4096)
        except OSError:  # how the end of a pseudo-terminal shows on Linux
            return b""

    def type(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)


@pytest.mark.timeout(60)
def test_at_a_terminal_the_demo_goes_on_to_the_at_prompt_and_all_of_it_replays(tmp_path: Path) -> None:
    host, terminal = pty.openpty()
    recording = str(tmp_path / "session.rec")
    process = subprocess.Popen(
        [sys.executable, "-m", "emu.cli", "run", "--no-cache", "--record", recording],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    person = Person(host)
    person.wait_for(b"w800emu: Ctrl-] quits")
    person.wait_for(b"KiB erased")
    person.wait_for(b"atcmd init finished.")
    person.type(b"AT+QVER\r")
    person.wait_for(b"+OK=")
    person.type(b"AT+NONSENSE\r")
    person.wait_for(b"+ERR=")
    person.type(b"\x1d")
    assert process.wait() == 0
    os.close(host)
    command = [sys.executable, "-m", "emu.cli", "replay", "--no-cache", recording, "--uart", "1"]
    done = subprocess.run(command, check=True, capture_output=True)
    assert done.stdout.index(b"+OK=") < done.stdout.index(b"+ERR=")
    assert b"the state is the same" in done.stderr
