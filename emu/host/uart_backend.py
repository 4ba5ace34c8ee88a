"""What the bytes of a UART go to on the host: the contract of all back ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from emu.host.terminal import Console


@dataclass(frozen=True, slots=True)
class Terminal:
    """The user's: what is shown, and what was typed for this UART since the last call."""

    console: Console
    typed: Callable[[], bytes]


class UartBackend:
    """One end of a serial line on the host; this one drops what is sent, and nothing ever arrives."""

    form: ClassVar[str]
    """As users write it, `name` or `name:ARGUMENT`."""
    takes_input: ClassVar[bool] = False
    """Whether somebody at the other end may send, while the machine runs."""
    is_terminal: ClassVar[bool] = False
    """Whether it is the user's terminal."""

    def __init__(self, argument: str, terminal: Terminal) -> None:
        """Open it; PortError or OSError tells why that cannot be."""

    @classmethod
    def check(cls, argument: str) -> None:
        """Look at an argument before anything is opened; ValueError says what it has to be."""

    @property
    def announcement(self) -> str:
        """Where it is found, if users have to be told."""
        return ""

    def send(self, data: bytes) -> None:
        """Take bytes the firmware has transmitted."""

    def flush(self) -> None:
        """Let go what was sent; never waits."""

    def receive(self) -> bytes:
        """Bytes for the firmware that have arrived since the last call; never waits."""
        return b""

    def close(self) -> None:
        """Flush and let go; nothing is sent afterwards."""
