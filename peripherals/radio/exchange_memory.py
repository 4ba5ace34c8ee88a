"""Memory that Bluetooth firmware and link layer share, and the events that take place from its table.

Offsets: use by the SDK's controller; see docs/radio.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from peripherals.framework.environment import Clock
from peripherals.radio.bluetooth_time import BluetoothTime, next_match

SIZE: Final = 0x4000
TABLE: Final = 0x170
"""A halfword for each slot of 16: the offset of the event that begins there, its state in the top bits."""
SLOTS: Final = 16
MOST_TIME: Final = 0x16
"""Offset in an event of the slots that it may last."""
FORMAT_MASK: Final = 0x1F
"""In the first halfword of an event: its kind."""
ADVERTISING: Final = 4
ADVERTISING_SLOTS: Final = 6
"""GUESS: three channels, on each a packet and a wait for answers, take about 3.75 ms."""
STATE: Final = 3 << 14
DONE: Final = 1 << 14
"""The state that lets the controller look for received packets, and free the event."""


class ExchangeMemory:
    """Plain memory. An event in the table lasts as long as it may, one at a time: nobody answers.

    `on_end` is called at the end of each.
    """

    def __init__(self, clock: Clock, on_end: Callable[[], None]) -> None:
        self.contents = bytearray(SIZE)
        self.is_enabled = False
        self._on_end = on_end
        self._time = BluetoothTime(clock, self._begin_or_end)
        self._running: int | None = None  # the slot of the event that takes place until `_end`
        self._end = 0

    def read(self, offset: int, size_bytes: int) -> int:
        """Answer a bus read."""
        return int.from_bytes(self.contents[offset : offset + size_bytes], "little")

    def write(self, offset: int, value: int, size_bytes: int) -> None:
        """Take a bus write."""
        value &= (1 << 8 * size_bytes) - 1
        self.contents[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")
        if TABLE <= offset < TABLE + 2 * SLOTS:
            self.plan()

    def plan(self) -> None:
        """Wait for the end of the event that runs, else for the next one in the table."""
        due = self._next_due()
        if due is None:
            self._time.cancel()
        else:
            self._time.call_at(due)

    def abort(self) -> None:
        """End the event that runs."""
        if self._running is not None:
            self._finish(self._running)
        self.plan()

    def stop(self) -> None:
        """Let the event that runs vanish."""
        self._running = None
        self.plan()

    def reset(self, *, is_power_on: bool) -> None:
        """Turn events off; the contents are lost only with the power."""
        if is_power_on:
            self.contents[:] = bytes(SIZE)
        self.is_enabled = False
        self.stop()

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        return {
            "contents": bytes(self.contents),
            "is_enabled": self.is_enabled,
            "running": self._running,
            "end": self._end,
            "time": self._time.save(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the clock must be back already."""
        self.contents[:] = snapshot["contents"]
        self.is_enabled = snapshot["is_enabled"]
        self._running, self._end = snapshot["running"], snapshot["end"]
        self._time.restore(snapshot["time"])

    def _next_due(self) -> int | None:
        if self._running is not None:
            return max(self._end, self._time.now + 1)
        if not self.is_enabled:
            return None
        waiting = [slot for slot in range(SLOTS) if self._is_waiting(slot)]
        return min((next_match(self._time.now, slot, low=0, width=4) for slot in waiting), default=None)

    def _is_waiting(self, slot: int) -> bool:
        entry = self.read(TABLE + 2 * slot, 2)
        return entry != 0 and not entry & STATE

    def _begin_or_end(self) -> None:
        if self._running is not None:
            # GUESS: an event whose time comes while another one runs waits for its slot to come again.
            self._finish(self._running)
        slot = self._time.now % SLOTS
        if self.is_enabled and self._is_waiting(slot):
            event = self.read(TABLE + 2 * slot, 2)
            self._running = slot
            self._end = self._time.now + self._duration(event)
        self.plan()

    def _duration(self, event: int) -> int:
        if self.read(event, 2) & FORMAT_MASK == ADVERTISING:
            return ADVERTISING_SLOTS
        return self.read(event + MOST_TIME, 2)

    def _finish(self, slot: int) -> None:
        self._running = None
        entry = self.read(TABLE + 2 * slot, 2)
        if entry:
            self.contents[TABLE + 2 * slot + 1] |= DONE >> 8
        self._on_end()
