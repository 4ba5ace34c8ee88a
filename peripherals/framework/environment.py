"""What a block of the chip may ask of the world around it: never the chip itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

NS_PER_SECOND: Final = 1_000_000_000

Line = Callable[[bool], None]
"""An output line, such as an interrupt request: call it with the level. The same level twice is harmless."""


class Alarm(Protocol):
    """A one-shot call-back on the virtual clock; blocks have a `Deadline`, which is saved with them."""

    @property
    def due_ns(self) -> int | None:
        """The virtual time at which it fires; None when not scheduled."""

    def schedule(self, delay_ns: int) -> None:
        """Fire so much later than now; replaces an earlier time."""

    def schedule_at(self, due_ns: int) -> None:
        """Fire at that virtual time; replaces an earlier one."""

    def cancel(self) -> None:
        """Do not fire; harmless when not scheduled."""

    def restore(self, due_ns: int | None) -> None:
        """Fire at a time of before, also one that has passed; None cancels. It ends no run under way."""


class Clock(Protocol):
    """Virtual time: retired instructions and idle time, never the host's clock."""

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        ...

    def alarm(self, callback: Callable[[], None], *, is_silent: bool = False) -> Alarm:
        """A new alarm, not yet scheduled; of those for the same time the one made first fires first.

        A silent one is for those who watch: the firmware cannot notice whether it is there.
        """
        ...


class MasterPort(Protocol):
    """The bus as a block that is a master of it sees it, such as the DMA."""

    def read(self, address: int, size_bytes: int) -> bytes:
        """Bytes at a physical address; raises BusError where nothing answers."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Store bytes; raises BusError where nothing answers."""


class Frequencies(Protocol):
    """The clock tree's outputs, as the RCC block computes them now."""

    @property
    def cpu_hz(self) -> int:
        """What the CPU and its core timer run on."""
        ...

    @property
    def apb_hz(self) -> int:
        """What UARTs, timers and the watchdog run on."""
        ...


class AccessLog(Protocol):
    """Receives what the models cannot do, by name."""

    def unmodelled(self, name: str, detail: str) -> None:
        """`name` is block.register[.field], `detail` what was done; reported once a name, counted always."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Handed to every peripheral."""

    clock: Clock
    memory: MasterPort
    frequencies: Frequencies
    log: AccessLog
