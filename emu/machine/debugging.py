"""The door from a machine to its debugger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emu.listening import GDB_PORT


class Debuggable:
    """What a machine offers to who wants to look at it with gdb."""

    def gdb(self, port: int = GDB_PORT, say: Callable[[str], object] = print) -> None:
        """Wait for gdb on this port of this host, 0 for any, and let it have the machine until it detaches.

        Then the machine is where gdb has left it. `say` gets the line to type in gdb. With `keep_history()`
        before, gdb can go back to then. PortError if the port cannot be used.
        """
        from emu.gdb.serving import serve  # the one import upwards: few need it, and users look for it here

        machine: Any = self
        serve(machine, port, say)
