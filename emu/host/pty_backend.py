"""A UART as a pseudo-terminal: a serial port for every program that takes the name of one."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from emu.host.uart_backend import Terminal, UartBackend
from emu.host.wire import LineSettings
from emu.listening import PortError

BACKLOG_BYTES: Final = 1 << 20

if sys.platform == "win32":

    class PtyBackend(UartBackend):  # pyright: ignore[reportRedeclaration]
        """Is not there on Windows."""

        form = "pty[:LINK]"
        takes_input = True

        def __init__(self, argument: str, terminal: Terminal) -> None:
            raise PortError("Windows has no pseudo-terminals: use rfc2217:PORT or tcp:PORT")

else:
    import select
    import termios
    import tty

    _UNSET: Final = termios.B38400
    """What new terminals have: who leaves it so follows the chip's."""
    _RATES: Final = {
        getattr(termios, name): int(name[1:])
        for name in dir(termios)
        if name[:1] == "B" and name[1:].isdigit() and int(name[1:])
    }

    class PtyBackend(UartBackend):
        """The controlling end; what is sent while nobody has opened the other one is kept for who does."""

        form = "pty[:LINK]"
        takes_input = True

        def __init__(self, argument: str, terminal: Terminal) -> None:
            self._say = terminal.say
            self._waiting = bytearray()
            self._is_open = False
            self._link = Path(argument) if argument else None
            self._master, slave = os.openpty()
            tty.setraw(slave)
            self.name = os.ttyname(slave)
            """The other end."""
            os.close(slave)
            os.set_blocking(self._master, False)
            if self._link is not None:
                self._make_link(self._link)

        def _make_link(self, link: Path) -> None:
            if link.exists() and not link.is_symlink():
                os.close(self._master)
                raise PortError(f"{link} is a file: give the link another name")
            link.unlink(missing_ok=True)
            try:
                link.symlink_to(self.name)
            except OSError as error:
                os.close(self._master)
                raise PortError(f"{link}: {error.strerror}: the link cannot be made") from None

        @property
        def announcement(self) -> str:
            """The other end."""
            return f"is on {self._link or self.name}" + (f" ({self.name})" if self._link else "")

        @property
        def descriptors(self) -> Sequence[int]:
            """The controlling end, while somebody has the other one: else it would always be ready."""
            return (self._master,) if self._is_open else ()

        @property
        def line(self) -> LineSettings | None:  # type: ignore[override]
            """How the other end is set."""
            try:
                _, _, flags, _, _, speed, _ = termios.tcgetattr(self._master)
            except termios.error:
                return None
            if speed == _UNSET or speed not in _RATES:
                return None
            sizes = {termios.CS5: 5, termios.CS6: 6, termios.CS7: 7, termios.CS8: 8}
            parity = "N" if not flags & termios.PARENB else "O" if flags & termios.PARODD else "E"
            stop_bits = 2 if flags & termios.CSTOPB else 1
            return LineSettings(_RATES[speed], sizes[flags & termios.CSIZE], parity, stop_bits)

        def send(self, data: bytes) -> None:
            """Keep the bytes for the other end; the oldest go when nobody takes them."""
            self._waiting += data
            if len(self._waiting) > BACKLOG_BYTES:
                del self._waiting[:-BACKLOG_BYTES]

        def flush(self) -> None:
            """Give the other end what it takes without waiting."""
            self._look()
            if self._is_open and self._waiting:
                with contextlib.suppress(OSError):
                    del self._waiting[: os.write(self._master, self._waiting)]

        def receive(self) -> bytes:
            """What was written at the other end."""
            with contextlib.suppress(OSError):
                return os.read(self._master, 16 * 1024)
            return b""

        def close(self) -> None:
            """Hand over what is taken at once, and take the link away."""
            self.flush()
            if self._link is not None and self._link.is_symlink():
                self._link.unlink()
            os.close(self._master)

        def _look(self) -> None:
            """Whether somebody has opened it: else it has hung up."""
            poll = select.poll()
            poll.register(self._master, 0)
            is_open = not any(event & select.POLLHUP for _, event in poll.poll(0))
            if is_open != self._is_open:
                self._say("is connected" if is_open else "has been left")
            self._is_open = is_open
