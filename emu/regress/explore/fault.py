"""`Fault`: something that happens at a virtual time; and what draws of faults know."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from emu.machine import Machine
from emu.machine.inputs import Input


class Fault(NamedTuple):
    """Plain data; a row of KINDS says what becomes of it."""

    time_ns: int
    kind: str
    arguments: tuple[Any, ...] = ()
    replaces: int | None = None
    """The number of an input of the story that does not come then."""

    def __str__(self) -> str:
        told = ", ".join(map(_shown, self.arguments))
        instead = "" if self.replaces is None else f", instead of input {self.replaces + 1}"
        return f"{self.time_ns / 1e9:.6f} s: {self.kind}" + (f" {told}" if told else "") + instead


class Heard(NamedTuple):
    """A frame that the device has heard in the story."""

    time_ns: int
    is_packet: bool
    """Whether it is of the wire behind the access points; else of the air."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What draws know of the firmware and its story, which takes until `end_ns`."""

    end_ns: int
    inputs: Sequence[Input]
    uarts: Sequence[int]
    """Those on which the story talks."""
    words: Sequence[bytes]
    """Texts of the firmware."""
    written: Sequence[int]
    """Offsets of the flash that the story writes."""
    moments: Sequence[int]
    """When something comes in, or the flash is written."""
    interrupts: Sequence[str] = ()
    """Lines of the interrupt controller that were served."""
    frames: Sequence[Heard] = ()
    has_networks: bool = False
    """Whether any are around the device."""
    image: bytes | None = None
    """That is to be installed, mutated."""
    install: Callable[[Machine, bytes], object] | None = None
    """Gives the device an image."""


class Drawn(NamedTuple):
    """What becomes a fault."""

    time_ns: int
    arguments: tuple[Any, ...]
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A row of the table."""

    draw: Callable[[random.Random, Known], Drawn]
    apply: Callable[..., object]
    """Gets the machine, what is known, and the arguments."""
    meaning: str
    """As docs/explore.md has it."""
    needs: Callable[[Known], bool] = lambda known: True
    """Whether it can be, with what the story has."""
    shorter: Callable[..., Iterator[tuple[Any, ...]]] = lambda *arguments: iter(())
    """Gives simpler arguments, to see whether they show the same."""


KindTable = Mapping[str, FaultKind]


def near(draw: random.Random, known: Known, time_ns: int) -> int:
    """Soon after a time."""
    width = draw.choice((100_000, 1_000_000, 10_000_000))
    return min(max(time_ns + draw.randrange(width), 0), known.end_ns - 1)


def moment(draw: random.Random, known: Known) -> int:
    """Anywhere, or soon after something has happened: then the firmware is at it."""
    if known.moments and draw.random() < 0.7:
        return near(draw, known, draw.choice(known.moments))
    return draw.randrange(known.end_ns)


def _shown(argument: object) -> str:
    return f"{argument}" if isinstance(argument, str) else repr(argument)
