"""Pins and variables over time: the run comes again, watched."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import filter as matching
from typing import Final

from emu.machine.machine import Machine
from emu.report.access import WatchedAccess
from emu.trace.close_up import instructions_of
from emu.trace.selection import Selection, SelectionError
from emu.trace.trace import Trace

_MOST_BYTES: Final = 8


class Signal:
    """A value that changes."""

    def __init__(self, name: str, bits: int) -> None:
        self.name = name
        self.bits = bits
        self.changes: list[tuple[int, int]] = []
        """Virtual times in nanoseconds and values; the first is that where the part begins."""

    def has(self, time_ns: int, value: int) -> None:
        """From a time on it has this value."""
        if not self.changes or self.changes[-1][1] != value:
            self.changes.append((time_ns, value))


def watch_signals(trace: Trace, selection: Selection) -> list[Signal]:
    """All that a selection has, through its window.

    A name is that of a pin (`PB5`, `PA*`), else a variable of at most 8 bytes, or a device register that is
    written. SelectionError for a larger one; LoadError for an unknown name; MachineError for a trace that
    cannot be run again.
    """
    if not selection.signals:
        return []
    first, end = instructions_of(trace, selection.window)
    replay = trace.replay()
    replay.run_until(first)
    signals = [signal for name in selection.signals for signal in _watched(replay.machine, name)]
    replay.run_until(end)
    return signals


def _watched(machine: Machine, name: str) -> Iterator[Signal]:
    pins = matching(machine.pins, name.upper())
    for pin in pins:
        yield _pin(machine, pin)
    if not pins:
        yield _variable(machine, name)


def _pin(machine: Machine, name: str) -> Signal:
    signal, pin = Signal(name, 1), machine.pins[name]
    signal.has(machine.now_ns, pin.level)
    pin.on_change(signal.has)
    return signal


def _variable(machine: Machine, name: str) -> Signal:
    value = bytearray()

    def written(access: WatchedAccess) -> None:
        for at, byte in enumerate(access.value.to_bytes(access.size_bytes, "little"), access.address - begin):
            if 0 <= at < len(value):
                value[at] = byte
        signal.has(access.time_ns, int.from_bytes(value, "little"))

    def read() -> None:
        value[:] = machine.peek(begin, size_bytes)
        signal.has(machine.now_ns, int.from_bytes(value, "little"))

    watched = machine.watch(name, callback=written).watched
    begin, size_bytes = watched.address, watched.size_bytes
    if size_bytes > _MOST_BYTES:
        raise SelectionError(f"--signal: {name} has {size_bytes:,} bytes, a signal has {_MOST_BYTES} at most")
    signal = Signal(name, 8 * size_bytes)
    read()
    machine.on_reset(lambda _: read())  # nobody has written what memory holds behind a power-on
    return signal
