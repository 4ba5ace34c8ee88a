"""Faults and inputs that exploration chooses from: each kind is a row."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from emu.machine import Machine
from emu.machine.faults import LINE_FAULTS
from peripherals.framework.reset import ResetCause

_WORD: Final = re.compile(rb"[\x20-\x7e]{2,24}(?=\0)")
_MOST_WORDS: Final = 500


class Fault(NamedTuple):
    """Something that happens at a virtual time."""

    time_ns: int
    kind: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        told = ", ".join(map(repr, self.arguments))
        return f"{self.time_ns / 1e9:.6f} s: {self.kind}" + (f" {told}" if told else "")


@dataclass(frozen=True, slots=True)
class Known:
    """What draws know of the firmware and its story."""

    uarts: Sequence[int]
    """Those on which the story talks."""
    words: Sequence[bytes]
    """Texts of the firmware."""
    sent: Sequence[bytes]
    """What the story sends."""
    written: Sequence[int]
    """Offsets of the flash that the story writes."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A row."""

    draw: Callable[[random.Random, Known], tuple[Any, ...]]
    apply: Callable[..., object]
    """Gets the machine and what was drawn."""
    meaning: str


def words_of(firmware: bytes) -> list[bytes]:
    """Texts in a firmware, for inputs."""
    return list(dict.fromkeys(_WORD.findall(firmware)))[:_MOST_WORDS]


def _draw_line(draw: random.Random, known: Known) -> tuple[Any, ...]:
    kind = draw.choice(list(LINE_FAULTS))
    return draw.choice(known.uarts), kind, 0 if kind == "break" else draw.randrange(256)


def _draw_input(draw: random.Random, known: Known) -> tuple[Any, ...]:
    if known.sent and draw.random() < 0.5:
        return draw.choice(known.uarts), _changed(draw, draw.choice(known.sent))
    parts = []
    for _ in range(draw.randint(1, 4)):
        if known.words and draw.random() < 0.6:
            parts.append(draw.choice(known.words))
        else:
            parts.append(draw.randbytes(draw.choice((1, 1, 2, 4, 64))))
    end = draw.choice((b"", b"\r", b"\r\n", b"=?\r\n"))
    return draw.choice(known.uarts), b"".join(parts) + end


def _changed(draw: random.Random, data: bytes) -> bytes:
    """Some bytes are others; perhaps it ends early, or more follows."""
    changed = bytearray(data)
    for _ in range(draw.randint(0, 2)):
        changed[draw.randrange(len(changed))] = draw.choice((0, 0x20, 0x7F, 0xFF, draw.randrange(256)))
    kept = draw.choice((len(changed), len(changed), draw.randrange(len(changed))))
    return bytes(changed[:kept]) + draw.randbytes(draw.choice((0, 0, 1, 16, 64)))


def _draw_bit(draw: random.Random, known: Known) -> tuple[Any, ...]:
    return draw.choice(known.written) + draw.randrange(256), draw.randrange(8)


def _nothing(_draw: random.Random, _known: Known) -> tuple[Any, ...]:
    return ()


def _watchdog(machine: Machine) -> None:
    machine.reset(ResetCause.WATCHDOG)


def _type(machine: Machine, uart: int, data: bytes) -> None:
    machine.uarts[uart].write(data)


def _fail_line(machine: Machine, uart: int, kind: str, byte: int) -> None:
    machine.faults.uart(uart, kind, byte)


def _flip(machine: Machine, offset: int, bit: int) -> None:
    machine.faults.flip_flash_bit(offset, bit)


KINDS: Final = {
    "line": FaultKind(_draw_line, _fail_line, "a break, bad frame, bad parity or overrun at a UART"),
    "reset": FaultKind(_nothing, _watchdog, "the watchdog resets the chip"),
    "power": FaultKind(_nothing, Machine.power_cycle, "the power fails for a moment"),
    "flash": FaultKind(_draw_bit, _flip, "a bit flips in a page of the flash that the story writes"),
    "input": FaultKind(_draw_input, _type, "other bytes come in, made of texts of the firmware"),
}
