"""A UART as a serial port server (RFC 2217): with baud rate and modem lines, for tools that use pyserial."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from emu.host.tcp_backend import TcpBackend
from emu.host.uart_backend import Terminal
from emu.host.wire import LineSettings

if TYPE_CHECKING:
    from serial.rfc2217 import PortManager

_IAC = b"\xff"


class SerialPort:
    """The port as pyserial's `PortManager` sees it; what is set is told in order with the bytes."""

    xonxoff = rtscts = False
    cts = dsr = cd = True
    ri = False

    def __init__(self, changed: Callable[[str, bool | LineSettings], None]) -> None:
        self._changed = changed
        self._settings: dict[str, int | str | float] = {
            "baudrate": 115_200,
            "bytesize": 8,
            "parity": "N",
            "stopbits": 1,
        }

    def __getattr__(self, name: str) -> int | str | float:
        try:
            return self._settings[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: int | str | float) -> None:
        if name in ("dtr", "rts", "break_condition"):
            self._changed(name, bool(value))
        elif not name.startswith("_") and name in self._settings:
            self._settings[name] = value
            self._changed("line", self.line)
        else:
            super().__setattr__(name, value)

    @property
    def line(self) -> LineSettings:
        """How the client has set it."""
        baud_rate, data_bits, parity, stop_bits = self._settings.values()
        return LineSettings(float(baud_rate), int(data_bits), str(parity), float(stop_bits))

    def reset_input_buffer(self) -> None:
        """Nothing is kept here."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept here."""


class Rfc2217Backend(TcpBackend):
    """Serves a client of `serial.rfc2217`, one after the other.

    RTS is the reset pin: when it goes off, the chip is reset. DTR is the boot pin: if it is on then, the mask
    ROM waits for a download. The SDK's flash.py does both.
    """

    form = "rfc2217:PORT"

    def __init__(self, argument: str, terminal: Terminal) -> None:
        super().__init__(argument, terminal)
        self._board = terminal.board
        self._events: deque[bytes | Callable[[], None]] = deque()
        self._has_break = False
        self._manager: PortManager | None = None
        self._is_on = {"dtr": False, "rts": False}

    @property
    def announcement(self) -> str:
        """What pyserial calls it."""
        return f"is on rfc2217://{self.address}"

    def greet(self) -> None:
        """Negotiate with a new client."""
        from serial.rfc2217 import PortManager

        self._events.clear()
        self._has_break = False
        self._is_on = {"dtr": False, "rts": False}
        self.line = None
        port = SerialPort(lambda name, value: self._events.append(partial(self._set, name, value)))
        self._manager = PortManager(port, self)  # type: ignore[arg-type]  # all that it uses is there

    def forget(self) -> None:
        """Without a client the line is set as the chip's."""
        super().forget()
        self.line = None

    def write(self, data: bytes) -> None:
        """Send what the manager answers."""
        super().send(data)

    def send(self, data: bytes) -> None:
        """Keep the bytes for the client."""
        super().send(data.replace(_IAC, _IAC * 2))

    def receive(self) -> bytes:
        """What the client has sent before it changed something; the change is next."""
        if not self._events and (data := super().receive()) and self._manager is not None:
            self._take_apart(data, self._manager)
        received = bytearray()
        while self._events and not self._has_break and (isinstance(self._events[0], bytes) or not received):
            event = self._events.popleft()
            if isinstance(event, bytes):
                received += event
            else:
                event()
        return bytes(received)

    def take_break(self) -> bool:
        """Whether the client has sent one."""
        has_break, self._has_break = self._has_break, False
        return has_break

    def _take_apart(self, data: bytes, manager: PortManager) -> None:
        """Have the manager look at commands only: it takes byte by byte."""
        from serial.rfc2217 import M_NORMAL

        while data:
            if manager.mode == M_NORMAL and manager.suboption is None:
                plain, iac, rest = data.partition(_IAC)
                is_escaped = rest.startswith(_IAC)
                self._events.append(plain + _IAC if is_escaped else plain)
                if is_escaped:
                    data = rest[1:]
                    continue
                data = iac + rest
            self._events.extend(manager.filter(data[:1]))
            data = data[1:]

    def _set(self, name: str, value: bool | LineSettings) -> None:
        if isinstance(value, LineSettings):
            self.line = value
            return
        if name == "break_condition":
            self._has_break = self._has_break or bool(value)
            return
        was_on, self._is_on[name] = self._is_on[name], value
        is_release = name == "rts" and was_on and not value
        if is_release or (name == "dtr" and not value):
            self._board.drive_boot_pin(low=self._is_on["dtr"])
        if is_release:
            self._board.reset()
