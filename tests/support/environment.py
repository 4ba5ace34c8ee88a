"""An Environment of fakes for one block under test."""

from __future__ import annotations

from dataclasses import dataclass, field

from peripherals.framework.environment import Environment
from support.clock import FakeClock
from support.memory import FakeMemory


@dataclass
class FakeFrequencies:
    """A clock tree whose outputs a test sets."""

    cpu_hz: int = 80_000_000
    apb_hz: int = 40_000_000


class FakeLog:
    """Remembers what the models reported."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.entries]

    def unmodelled(self, name: str, detail: str) -> None:
        self.entries.append((name, detail))


@dataclass
class FakeWorld:
    """The fakes, and `environment` made of them."""

    clock: FakeClock = field(default_factory=FakeClock)
    memory: FakeMemory = field(default_factory=FakeMemory)
    frequencies: FakeFrequencies = field(default_factory=FakeFrequencies)
    log: FakeLog = field(default_factory=FakeLog)

    @property
    def environment(self) -> Environment:
        return Environment(self.clock, self.memory, self.frequencies, self.log)
