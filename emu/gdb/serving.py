"""gdb for a machine in a Python program or a test, which waits meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from emu.gdb.server import GdbServer
from emu.listening import GDB_PORT
from emu.machine import Machine


def serve(machine: Machine, port: int = GDB_PORT, say: Callable[[str], object] = print) -> None:
    """Let gdb have the machine until its user detaches or kills; then it is where gdb has left it.

    `say` gets the line that tells where gdb finds it. PortError if the port cannot be used; 0 is any.
    """
    with closing(GdbServer(machine, port, say=say, goes_on=False)) as server:
        say(server.invitation)
        while not server.has_ended:
            server.run(None)
