"""Standard input that is no terminal: what another program or a file says to a UART."""

from __future__ import annotations

import os
import stat
import sys
import threading
from typing import Final

AHEAD_BYTES: Final = 1 << 20
"""So much is read ahead of the UART at most."""


def is_piped() -> bool:
    """Whether standard input is a pipe, a file or a socket: what `/dev/null` says is of no interest."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # there is none
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


class PipeInput:
    """Reads in a thread, since pipes cannot be waited for together with sockets everywhere."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._has_closed = False
        self._lock = threading.Condition()
        self._descriptor = sys.stdin.fileno()
        threading.Thread(target=self._work, daemon=True).start()

    @property
    def has_ended(self) -> bool:
        """Whether all of it has been read, and taken."""
        with self._lock:
            return self._has_closed and not self._data

    def read(self) -> bytes:
        """What has come since the last call; never waits."""
        with self._lock:
            data = bytes(self._data)
            self._data.clear()
            self._lock.notify()
        return data

    def _work(self) -> None:
        while True:
            try:
                data = os.read(self._descriptor, 16 * 1024)
            except OSError:
                data = b""
            with self._lock:
                self._data += data
                self._has_closed = not data
                if not data:
                    return
                self._lock.wait_for(lambda: len(self._data) < AHEAD_BYTES)
