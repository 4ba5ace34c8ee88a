"""A UART at whose other end a script is: it waits for texts and sends others, all in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from emu.host.errors import HostError
from emu.host.script_steps import Step, load_uart_script
from emu.host.uart_backend import Terminal, UartBackend


class ScriptBackend(UartBackend):
    """The steps `wait-serial`, `write-serial` and `delay` of a TOML file."""

    form = "script:FILE"
    takes_input = True
    is_scripted = True

    def __init__(self, argument: str, terminal: Terminal) -> None:
        self._path = Path(argument)

    def steps(self, uart: int) -> Sequence[Step]:
        """Those of the file; HostError names the one that is wrong."""
        try:
            return load_uart_script(self._path, uart)
        except ValueError as error:
            raise HostError(str(error)) from None
