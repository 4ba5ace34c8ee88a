"""Sessions of the real client, as scripts."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from emu.gdb.server import GdbServer
from emu.machine import Machine

PATIENCE_S = 120.0
"""Until a session that hangs is given up, on the busiest host."""


def session(gdb: str, machine: Machine, program: Path, script: str, folder: Path, *options: str) -> str:
    """Have the client attach and carry out a script; what it prints."""
    with closing(GdbServer(machine, 0)) as server:
        text = f"set pagination off\nset confirm off\nset width 0\ntarget remote :{server.port}\n{script}\n"
        return serve(gdb, server, program, text, folder, *options)


def serve(gdb: str, server: GdbServer, program: Path, text: str, folder: Path, *options: str) -> str:
    """The same with a server that is there already, and a script that attaches by itself."""
    (folder / "script.gdb").write_text(text)
    command = [gdb, "-q", "-nx", "-batch", *options, "-x", "script.gdb", str(program)]
    log = folder / "log.txt"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        ) as client,
    ):
        end_s = time.monotonic() + PATIENCE_S
        try:
            while client.poll() is None and time.monotonic() < end_s:
                server.run(None)
        finally:
            client.kill()
    return log.read_text(errors="replace")


def converse(
    gdb: str, server: GdbServer, program: Path, conversation: Iterable[tuple[str, str]], folder: Path
) -> None:
    """Give the client commands of its machine interface, each when the answer to the one before has come."""
    log = folder / "log.txt"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [gdb, "-q", "-nx", "--interpreter=mi", str(program)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as client,
    ):
        assert client.stdin is not None
        try:
            position = 0
            for command, answer in conversation:
                client.stdin.write(f"{command}\n".encode())
                client.stdin.flush()
                end_s = time.monotonic() + PATIENCE_S
                while (found := re.compile(answer).search(log.read_text(), position)) is None:
                    assert time.monotonic() < end_s, f"{command}: {log.read_text()[position:]}"
                    server.run(None)
                position = found.end()
        finally:
            client.kill()
