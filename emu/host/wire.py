"""What a serial line makes of bytes if its ends are set differently: one samples the levels of the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from peripherals.uart import Uart

TOLERANCE: Final = 0.025
"""A frame of ten bits is read right up to half a bit off in 9.5, shared by both ends."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How one end sends and receives."""

    baud_rate: float
    data_bits: int = 8
    parity: str = "N"
    """`N`, `E` or `O`; `M` and `S` as pyserial has them."""
    stop_bits: float = 1

    def agrees_with(self, other: LineSettings) -> bool:
        """Whether the bytes of one end are those of the other."""
        off = abs(self.baud_rate / other.baud_rate - 1)
        return off <= TOLERANCE and (self.data_bits, self.parity) == (other.data_bits, other.parity)

    def __str__(self) -> str:
        return f"{self.baud_rate:,.0f} {self.data_bits}{self.parity}{self.stop_bits:g}"


def settings_of(uart: Uart) -> LineSettings:
    """How the chip's end is set."""
    divider = 16 * (uart.baud_rate.divider + 1) + uart.baud_rate.fraction
    line = uart.line_control
    parity = "N" if not line.parity else "O" if line.odd_parity else "E"
    baud_rate = uart.environment.frequencies.apb_hz / divider
    return LineSettings(baud_rate, 5 + line.data_bits, parity, 1 + line.two_stops)


class Frame(NamedTuple):
    """What a receiver makes of the levels between a start bit and a stop bit."""

    byte: int
    fault: str = ""
    """`break`, `frame` or `parity`, as `machine.faults.uart` has them; empty if it is a good one."""


def received(data: bytes, sender: LineSettings, receiver: LineSettings) -> list[Frame]:
    """What the receiver gets of bytes sent one right after the other."""
    if sender.agrees_with(receiver):
        return [Frame(byte) for byte in data]
    levels = [bit for byte in data for bit in _frame(byte, sender)]
    return list(_sampled(levels, receiver, sender.baud_rate / receiver.baud_rate))


def _frame(byte: int, settings: LineSettings) -> list[int]:
    bits = [byte >> number & 1 for number in range(settings.data_bits)]
    return [0, *bits, *_parity(bits, settings), *[1] * round(settings.stop_bits)]


def _parity(bits: list[int], settings: LineSettings) -> list[int]:
    return {"E": [sum(bits) & 1], "O": [~sum(bits) & 1], "M": [1], "S": [0]}.get(settings.parity, [])


def _sampled(levels: list[int], receiver: LineSettings, bit: float) -> Iterator[Frame]:
    """Read frames from levels, behind which it is idle; `bit` is the receiver's in units of the sender's."""

    def level(position: float) -> int:
        return levels[int(position)] if position < len(levels) else 1

    size = receiver.data_bits + (receiver.parity != "N")
    start = 0.0
    while start < len(levels):
        if level(start):  # idle: to the next edge
            start = int(start) + 1.0
            continue
        bits = [level(start + (1.5 + number) * bit) for number in range(size)]
        start += (1.5 + size) * bit  # the middle of the stop bit
        yield _frame_of(bits, level(start), receiver)
        while not level(start):  # no stop bit: wait until the line is idle
            start = int(start) + 1.0


def _frame_of(bits: list[int], stop: int, receiver: LineSettings) -> Frame:
    data, parity = bits[: receiver.data_bits], bits[receiver.data_bits :]
    byte = sum(level << number for number, level in enumerate(data))
    if not stop:
        return Frame(byte, "frame" if any(bits) else "break")
    return Frame(byte, "" if parity == _parity(data, receiver) else "parity")
