"""TCP ports of this machine that somebody may connect to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket

GDB_PORT: Final = 1025
"""Where gdb attaches, unless another port is named: that of the SDK's scripts (tools/wm)."""


class PortError(Exception):
    """A port cannot be used; one line says what to do instead."""


def listen(port: int, waiting: int = 1) -> socket.socket:
    """Be reachable from this machine only; accepting never waits, and that many may wait for it.

    Port 0 is any; PortError for one in use.
    """
    import socket  # few runs need it

    listener = socket.socket()
    if os.name != "nt":  # there the option would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(waiting)
    except OSError as error:
        listener.close()
        why = f"{error.strerror}: choose another one, or 0 for any"
        raise PortError(f"TCP port {port} cannot be used: {why}") from error
    listener.setblocking(False)
    return listener
