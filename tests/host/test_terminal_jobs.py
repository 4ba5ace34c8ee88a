"""A run in a terminal whose shell stops it, continues it, and keeps it in the background."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals and job control are POSIX", allow_module_level=True)

import fcntl
import pty
import termios

from cli.tiny_firmware import write_firmware
from cpu.program import code
from machine.device import PREPARE_UART0, SPIN, send

pytestmark = pytest.mark.timeout(60)
RUN = (sys.executable, "-m", "emu.cli", "run", "--no-cache")


@pytest.fixture
def hello(tmp_path: Path) -> str:
    program = code(PREPARE_UART0, send("Hello, world\r\n"), SPIN)
    return str(write_firmware(tmp_path / "hello.elf", program))


class Terminal:
    """A pseudo-terminal that controls the session of what is started in it."""

    def __init__(self) -> None:
        self.host, self.terminal = pty.openpty()
        self.before = self.mode
        self._shown = b""

    @property
    def mode(self) -> list[object]:
        return termios.tcgetattr(self.terminal)

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        def control() -> None:
            os.setsid()
            fcntl.ioctl(self.terminal, termios.TIOCSCTTY, 0)

        return subprocess.Popen(
            command, stdin=self.terminal, stdout=self.terminal, stderr=self.terminal, preexec_fn=control
        )

    def wait_for(self, text: bytes) -> None:
        while text not in self._shown:
            self._shown += os.read(self.host, 4096)
        self._shown = self._shown.partition(text)[2]

    def close(self) -> None:
        os.close(self.terminal)
        os.close(self.host)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_restores_the_mode(terminal: Terminal, hello: str, number: int) -> None:
    process = terminal.start(*RUN, hello)
    terminal.wait_for(b"Hello, world")
    assert not terminal.echoes
    process.send_signal(number)
    assert process.wait() == 128 + number
    assert terminal.mode == terminal.before


def test_a_stop_gives_the_mode_back_until_the_run_is_continued(terminal: Terminal, hello: str) -> None:
    # A shell of its own session: in an orphaned process group Ctrl-Z stops nobody.
    script = (
        "import os, signal, subprocess, sys, termios\n"
        "def echoes(): return bool(termios.tcgetattr(0)[3] & termios.ECHO)\n"
        "job = subprocess.Popen(sys.argv[1:], preexec_fn=os.setpgrp)\n"
        "signal.signal(signal.SIGTTOU, signal.SIG_IGN)\n"
        "os.tcsetpgrp(0, job.pid)\n"
        "_, status = os.waitpid(job.pid, os.WUNTRACED)\n"
        "assert os.WIFSTOPPED(status), status\n"
        "print('stopped, echo', echoes(), flush=True)\n"
        "os.kill(job.pid, signal.SIGCONT)\n"
        "while echoes(): pass\n"
        "print('continued', flush=True)\n"
        "_, status = os.waitpid(job.pid, 0)\n"
        "print('echo', echoes(), 'status', os.waitstatus_to_exitcode(status), flush=True)\n"
    )
    shell = terminal.start(sys.executable, "-c", script, *RUN, hello)
    terminal.wait_for(b"Hello, world")
    assert not terminal.echoes
    os.write(terminal.host, b"\x1a")
    terminal.wait_for(b"stopped, echo True")
    terminal.wait_for(b"continued")
    os.write(terminal.host, b"\x1d")
    terminal.wait_for(b"echo True status 0")
    assert shell.wait() == 0


def test_in_the_background_a_run_prints_and_leaves_the_terminal_alone(terminal: Terminal, hello: str) -> None:
    script = (
        "import os, subprocess, sys\n"
        "job = subprocess.Popen(sys.argv[1:], preexec_fn=os.setpgrp)\n"
        "_, status = os.waitpid(job.pid, os.WUNTRACED)\n"
        "print('status', status, flush=True)\n"
        "os._exit(0)\n"
    )
    shell = terminal.start(sys.executable, "-c", script, *RUN, hello, "--expect", "Hello, world")
    terminal.wait_for(b"Hello, world")
    terminal.wait_for(b"status 0")
    assert shell.wait() == 0
    assert terminal.mode == terminal.before


def test_a_run_ends_when_its_terminal_has_gone_though_nobody_tells() -> None:
    host, terminal = pty.openpty()
    process = subprocess.Popen(
        [*RUN, "--realtime"],
        stdin=terminal,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    os.close(terminal)
    assert process.stderr is not None
    while b"quits" not in process.stderr.readline():
        pass
    os.close(host)
    _, told = process.communicate()
    assert process.returncode == 128 + signal.SIGHUP
    assert b"ended by SIGHUP" in told
