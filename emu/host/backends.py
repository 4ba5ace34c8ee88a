"""The table of all UART back ends, and how users name them."""

from __future__ import annotations

from dataclasses import dataclass

from emu.host.connect_backend import ConnectBackend
from emu.host.file_backend import FileBackend
from emu.host.null_backend import NullBackend
from emu.host.pty_backend import PtyBackend
from emu.host.rfc2217_backend import Rfc2217Backend
from emu.host.script_backend import ScriptBackend
from emu.host.stdio_backend import StdioBackend
from emu.host.tcp_backend import TcpBackend
from emu.host.uart_backend import Terminal, UartBackend

BACKENDS: tuple[type[UartBackend], ...] = (
    *(StdioBackend, FileBackend, PtyBackend, Rfc2217Backend, TcpBackend, ConnectBackend),
    *(ScriptBackend, NullBackend),
)
FORMS = ", ".join(backend.form for backend in BACKENDS[:-1]) + f" or {BACKENDS[-1].form}"
_BY_NAME = {backend.form.partition(":")[0].rstrip("["): backend for backend in BACKENDS}


@dataclass(frozen=True, slots=True)
class BackendChoice:
    """A back end that is wanted; nothing is opened yet."""

    backend: type[UartBackend]
    argument: str = ""

    def open(self, terminal: Terminal) -> UartBackend:
        """Open what it needs; errors name it."""
        return self.backend(self.argument, terminal)


def parse_backend(text: str) -> BackendChoice:
    """Read a form; ValueError says what is wrong with it."""
    name, colon, argument = text.partition(":")
    backend = _BY_NAME.get(name)
    if backend is None or not _fits(backend.form, bool(colon), argument):
        raise ValueError(f"{text!r} is no UART back end (use {FORMS})")
    backend.check(argument)
    return BackendChoice(backend, argument)


def _fits(form: str, has_colon: bool, argument: str) -> bool:
    if not has_colon:
        return ":" not in form or "[:" in form
    return ":" in form and argument != ""
