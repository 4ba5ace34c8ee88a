from __future__ import annotations

import os
import subprocess
import sys

import pytest

from emu.host.terminal import Console


def test_line_ends_become_those_of_the_host(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    console = Console()
    console.write(b"one\r\ntwo\n")
    console.flush()
    assert capfdbinary.readouterr().out == b"one\ntwo\n"


def test_a_line_end_split_over_two_writes_stays_one(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    console = Console()
    console.write(b"one\r")
    console.flush()
    assert capfdbinary.readouterr().out == b"one"
    console.write(b"\n")
    console.flush()
    assert capfdbinary.readouterr().out == b"\n"


def test_a_lone_return_is_kept(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    console = Console()
    console.write(b"50 %\r100 %\n")
    console.flush()
    assert capfdbinary.readouterr().out == b"50 %\r100 %\n"


SHOW = """
import os, sys
from emu.host.terminal import Console
if sys.argv[1] == "one": os.dup2(1, 2)
console = Console()
console.write(b"half a line")
console.say("reset \x1b[2J 1")
console.write(b"and more")
console.close()
console.close()
"""


@pytest.mark.parametrize(
    ("outputs", "seen"),
    [("one", "half a line\nw800emu: reset \\x1b[2J 1\nand more\n"), ("two", "half a lineand more")],
)
def test_messages_keep_off_a_line_of_the_firmware_only_where_both_are_seen(outputs: str, seen: str) -> None:
    arguments = [sys.executable, "-c", SHOW, outputs]
    shown = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert shown.stdout == seen


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_the_keyboard_gives_keys_at_once_and_restores_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty
    import termios

    from emu.host.terminal import is_interactive, keyboard

    host, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert is_interactive()
        with keyboard() as keys:
            assert keys.read() == b""
            os.write(host, b"AT+\r")
            typed = b""
            while len(typed) < 4:
                typed += keys.read()
            assert typed == b"AT+\r"
        assert termios.tcgetattr(terminal) == before
    os.close(host)
