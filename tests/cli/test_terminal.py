from __future__ import annotations

import os
import sys

import pytest

from emu.cli.terminal import Console


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


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_the_keyboard_gives_keys_at_once_and_restores_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty
    import termios

    from emu.cli.terminal import is_interactive, keyboard

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
