"""A net: what a pin of the chip and the parts at it have in common, and `Wire`, a part's end of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Signal:
    """What is on a net between two changes: high for `duty` of the time, 0 to 1; a steady level has 0 Hz."""

    duty: float
    frequency_hz: float = 0.0

    def __str__(self) -> str:
        if self.frequency_hz:
            return f"{self.duty:.1%} of {self.frequency_hz:,.1f} Hz"
        return "high" if self.duty else "low"


HIGH, LOW = Signal(1.0), Signal(0.0)


class ChipEnd(Protocol):
    """The pin of the chip at a net."""

    @property
    def level(self) -> bool:
        """Whether it is high, whoever makes it so."""
        ...

    @property
    def is_output(self) -> bool:
        """Whether the chip drives it."""
        ...

    def put(self, level: bool | None) -> None:
        """Take what stands outside; None: nothing does."""

    def touch(self, counts: int) -> None:
        """Have a finger add so much to what the touch sensor counts; PartError without a sensor."""


class Net:
    """A pin with what drives it from outside and what listens to it.

    Of those outside, one that sinks is stronger than all that drive, and these than all that pull; so is the
    chip's own output. An output against one that drives is a conflict: `on_conflict` gets a line.
    """

    def __init__(self, name: str, chip: ChipEnd) -> None:
        self.name = name
        self.on_conflict: Callable[[str], None] = lambda text: None
        self._chip = chip
        self._block: Signal | None = None
        self._drivers: dict[str, bool] = {}
        self._sinks: list[str] = []
        self._pulls: dict[str, bool] = {}
        self._listeners: list[tuple[str, Callable[[bool], None]]] = []
        self._signal_listeners: list[tuple[str, Callable[[Signal], None]]] = []
        self._bit_listeners: list[tuple[str, Callable[[bytes, int], None]]] = []

    @property
    def is_used(self) -> bool:
        """Whether anything outside makes its level."""
        return bool(self._drivers or self._sinks or self._pulls)

    @property
    def level(self) -> bool:
        """Whether it is high, whoever makes it so."""
        return self._chip.level if self._block is None else self._block.duty == 1

    @property
    def signal(self) -> Signal:
        """What is on it."""
        if self._block is not None:
            return self._block
        return HIGH if self._chip.level else LOW

    def drive(self, who: str, level: bool | None) -> None:
        """Put a level on it from outside; None lets go."""
        if level is None:
            self._drivers.pop(who, None)
        else:
            self._drivers[who] = level
        self._settle()

    def pull(self, who: str, level: bool | None) -> None:
        """Have a resistor pull it to a level where nobody else makes one; None takes it away."""
        if level is None:
            self._pulls.pop(who, None)
        else:
            self._pulls[who] = level
        self._settle()

    def sink(self, who: str, is_low: bool) -> None:
        """Pull it low as an open drain does, or let go."""
        if is_low != (who in self._sinks):
            self._sinks.append(who) if is_low else self._sinks.remove(who)
            self._settle()

    def touch(self, counts: int) -> None:
        """Have a finger add so much to what the touch sensor of the chip counts here."""
        self._chip.touch(counts)

    def listen(self, who: str, listener: Callable[[bool], None]) -> None:
        """Tell each new level, until `leave`."""
        self._listeners.append((who, listener))

    def listen_to_signal(self, who: str, listener: Callable[[Signal], None]) -> None:
        """Tell each new signal, levels and what PWM makes, until `leave`."""
        self._signal_listeners.append((who, listener))

    def listen_to_bits(self, who: str, listener: Callable[[bytes, int], None]) -> None:
        """Tell the bits that a block has shifted out, until `leave`: bytes, high bit first, and ns a bit."""
        self._bit_listeners.append((who, listener))

    @property
    def hears_bits(self) -> bool:
        """Whether somebody listens to bits."""
        return bool(self._bit_listeners)

    def put_bits(self, data: bytes, bit_ns: int) -> None:
        """Have a block shift bits out, which are over now."""
        for _, listener in self._bit_listeners:
            listener(data, bit_ns)

    def leave(self, who: str) -> None:
        """Take away all that somebody has put on it, and tell him nothing more."""
        self._bit_listeners = [each for each in self._bit_listeners if each[0] != who]
        self._listeners = [each for each in self._listeners if each[0] != who]
        self._signal_listeners = [each for each in self._signal_listeners if each[0] != who]
        self._drivers.pop(who, None)
        self._pulls.pop(who, None)
        self._sinks = [each for each in self._sinks if each != who]
        self._settle()

    def chip_changed(self, level: bool) -> None:
        """Tell those who listen the new level of the pin."""
        if self._block is None:
            self._tell(level)
        self._check()

    def put_block(self, signal: Signal | None) -> None:
        """Have a block of the chip make the signal; None: it is the level of the pin."""
        before, self._block = self.signal, signal
        if self.signal != before:
            self._tell(self.level, was_high=before.duty == 1)
        self._check()

    def save(self) -> dict[str, Any]:
        """Take a snapshot of what is put on it from outside."""
        return {"drivers": dict(self._drivers), "sinks": self._sinks[:], "pulls": dict(self._pulls)}

    def restore(self, snapshot: dict[str, Any], block: Signal | None = None) -> None:
        """Go back to a snapshot, and to what a block put on it then; nobody is told, the pin has its own."""
        self._drivers, self._pulls = dict(snapshot["drivers"]), dict(snapshot["pulls"])
        self._sinks = list(snapshot["sinks"])
        self._block = block

    def _settle(self) -> None:
        self._chip.put(self._outside())
        self._check()

    def _outside(self) -> bool | None:
        if self._sinks:
            return False
        strongest = self._drivers or self._pulls
        return all(strongest.values()) if strongest else None

    def _tell(self, level: bool, *, was_high: bool | None = None) -> None:
        if level is not was_high:
            for _, listener in self._listeners:
                listener(level)
        if self._signal_listeners:
            signal = self.signal
            for _, heard in self._signal_listeners:
                heard(signal)

    def _check(self) -> None:
        """Tell those who drive against each other, or against the chip."""
        if not self._drivers:
            return
        block = self._block
        if block is not None and block.duty != self._outside():
            who = ", ".join(self._drivers)
            self.on_conflict(f"{self.name}: a block of the chip makes it {block}, and {who} against that")
        elif len(set(self._drivers.values())) > 1:
            self.on_conflict(f"{self.name}: {' and '.join(self._drivers)} drive it to different levels")
        elif self._chip.is_output and (level := self._chip.level) is not self._outside():
            who, made = ", ".join(self._drivers), "high" if level else "low"
            self.on_conflict(f"{self.name}: the firmware drives it {made}, and {who} against that")


class Wire:
    """A part's end of a net."""

    def __init__(self, net: Net, who: str) -> None:
        self.net = net
        self._who = who

    @property
    def level(self) -> bool:
        """Whether the net is high."""
        return self.net.level

    @property
    def signal(self) -> Signal:
        """What is on the net."""
        return self.net.signal

    def drive(self, level: bool | None) -> None:
        """Put a level on the net; None lets go."""
        self.net.drive(self._who, level)

    def pull(self, level: bool) -> None:
        """Have a resistor pull the net to a level."""
        self.net.pull(self._who, level)

    def sink(self, is_low: bool = True) -> None:
        """Pull the net low as an open drain does, or let go."""
        self.net.sink(self._who, is_low)

    def touch(self, counts: int) -> None:
        """Have a finger add so much to what the touch sensor of the chip counts; PartError without one."""
        self.net.touch(counts)

    def leave(self) -> None:
        """Take away all that this end has put on the net, and hear no more of it."""
        self.net.leave(self._who)

    def on_change(self, listener: Callable[[bool], None]) -> None:
        """Be told each new level."""
        self.net.listen(self._who, listener)

    def on_bits(self, listener: Callable[[bytes, int], None]) -> None:
        """Be told the bits that a block has shifted out, when they are over: bytes, and ns a bit."""
        self.net.listen_to_bits(self._who, listener)

    def on_signal(self, listener: Callable[[Signal], None]) -> None:
        """Be told each new signal: levels, and what PWM makes."""
        self.net.listen_to_signal(self._who, listener)
