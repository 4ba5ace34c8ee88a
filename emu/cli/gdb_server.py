"""The gdb server of a command, with all that gdb can ask for there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from emu.cli.gdb_trace import TraceCommand
from emu.gdb.server import GdbServer
from emu.host.loop import HostLoop
from emu.host.message import tell
from emu.machine import Machine


@contextmanager
def gdb_server(
    machine: Machine, port: int, say: Callable[[str], None], *, waits: bool
) -> Iterator[GdbServer]:
    """Serve gdb, and say so."""
    trace = TraceCommand()
    commands = (trace.command,)
    server = GdbServer(machine, port, waits=waits, say=say, commands=commands)
    with closing(server), closing(trace):
        tell(server.invitation)
        yield server


def serve(server: GdbServer) -> None:
    """Let the machine run as gdb wants, until its user kills it."""
    loop = HostLoop(server, ())
    server.on_kill = loop.quit
    loop.run_live(None, lambda: False, slice_ns=None)
