"""What the bytes of a UART go to on the host: the contract of all back ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from emu.host.script_steps import Step
from emu.host.terminal import Console
from emu.host.wire import LineSettings


class Board(Protocol):
    """What some back ends can do to the board besides sending bytes."""

    def reset(self) -> None:
        """Reset the chip as its reset pin does."""

    def drive_boot_pin(self, *, low: bool) -> None:
        """Hold the boot pin low, or let go of it."""


class NoBoard:
    """Nothing is there to be reset."""

    def reset(self) -> None:
        """Do nothing."""

    def drive_boot_pin(self, *, low: bool) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The user's: what is shown, and what was typed for this UART since the last call."""

    console: Console
    typed: Callable[[], bytes]
    say: Callable[[str], object] = lambda text: None
    """Tells the user something about this UART."""
    board: Board = field(default_factory=NoBoard)


class UartBackend:
    """One end of a serial line on the host; this one drops what is sent, and nothing ever arrives."""

    form: ClassVar[str]
    """As users write it, `name`, `name:ARGUMENT` or `name[:ARGUMENT]`."""
    takes_input: ClassVar[bool] = False
    """Whether somebody at the other end may send, while the machine runs."""
    is_scripted: ClassVar[bool] = False
    """Whether that comes at moments of virtual time: then the host's clock does not matter."""
    is_terminal: ClassVar[bool] = False
    """Whether it is the user's terminal."""
    line: LineSettings | None = None
    """How the other end is set; None: as the chip's."""

    def __init__(self, argument: str, terminal: Terminal) -> None:
        """Open it; PortError or OSError tells why that cannot be."""

    @classmethod
    def check(cls, argument: str) -> None:
        """Look at an argument before anything is opened; ValueError says what it has to be."""

    @property
    def announcement(self) -> str:
        """Where it is found, if users have to be told."""
        return ""

    @property
    def descriptors(self) -> Sequence[int]:
        """Files or sockets that become readable when there is something to attend to."""
        return ()

    def steps(self, uart: int) -> Sequence[Step]:
        """What it does by a script, at the other end of this UART; who lets the machine run takes them."""
        return ()

    def send(self, data: bytes) -> None:
        """Take bytes the firmware has transmitted."""

    def flush(self) -> None:
        """Let go what was sent; never waits."""

    def receive(self) -> bytes:
        """Bytes for the firmware that have arrived since the last call; never waits.

        All of them were sent with the settings that `line` has then.
        """
        return b""

    def take_break(self) -> bool:
        """Whether the line was held low next, behind what has been received; told once."""
        return False

    def close(self) -> None:
        """Flush and let go; nothing is sent afterwards."""
