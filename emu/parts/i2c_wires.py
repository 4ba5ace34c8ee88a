"""I2C as levels on two nets: for masters that make it with a program. Source: NXP UM10204, 3.1."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from emu.parts.i2c_bus import I2cBus
from emu.parts.net import Wire
from emu.parts.part import Part
from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Clock


class Phase(IntEnum):
    """What the next clock is for."""

    IDLE, RECEIVE, ACKNOWLEDGE, SEND, LISTEN = range(5)


class I2cWires:
    """Reads starts, bits and stops from the nets, and pulls SDA low for what the parts on the bus answer."""

    def __init__(self, scl: Wire, sda: Wire, bus: I2cBus, clock: Clock) -> None:
        self.bus = bus
        self._held = Deadline(clock, lambda: self._scl.sink(False))
        self._scl, self._sda = scl, sda
        self._phase = Phase.IDLE
        self._byte = self._bits = 0
        scl.pull(True)
        sda.pull(True)
        scl.on_change(self._clock)
        sda.on_change(self._data)

    def remove(self) -> None:
        """Take the pull-ups away, and hear no more."""
        self._held.cancel()
        for wire in (self._scl, self._sda):
            wire.leave()

    def _data(self, is_high: bool) -> None:
        """See whether it is a start or a stop: all else changes while the clock is low."""
        if not self._scl.level:
            return
        if is_high:
            self._phase = Phase.IDLE
            self.bus.stop()
        else:
            self._expect_byte()
            self.bus.start()

    def _clock(self, is_high: bool) -> None:
        phase = self._phase
        if phase is Phase.IDLE:
            return
        if not is_high:
            self._prepare(phase)
        elif phase is Phase.RECEIVE:
            self._byte = self._byte << 1 | self._sda.level
            self._bits += 1
        elif phase is Phase.LISTEN and self._sda.level:
            self._phase = Phase.IDLE  # the master has enough
            self._sda.sink(False)

    def _prepare(self, phase: Phase) -> None:
        """Put what the next clock is for on SDA."""
        if phase is Phase.RECEIVE:
            if self._bits == 8:
                is_acknowledged = self.bus.write(self._byte)
                self._phase = Phase.ACKNOWLEDGE if is_acknowledged else Phase.IDLE
                self._sda.sink(is_acknowledged)
                self._stretch()
        elif phase is Phase.ACKNOWLEDGE and not self.bus.is_read:
            self._sda.sink(False)
            self._expect_byte()
        elif phase is Phase.SEND and self._bits:
            self._send_bit()
        elif phase is Phase.SEND:
            self._phase = Phase.LISTEN
            self._sda.sink(False)
        else:
            self._phase = Phase.SEND
            self._byte, self._bits = self.bus.read(is_acknowledged=True), 8
            self._send_bit()
            self._stretch()

    def _stretch(self) -> None:
        """Hold the clock low as long as a part wants; it is low now."""
        if stretch_ns := self.bus.stretch_ns():
            self._scl.sink(True)
            self._held.schedule(stretch_ns)

    def _expect_byte(self) -> None:
        self._phase = Phase.RECEIVE
        self._byte = self._bits = 0

    def _send_bit(self) -> None:
        self._bits -= 1
        self._sda.sink(not self._byte >> self._bits & 1)

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        own = {"phase": int(self._phase), "byte": self._byte, "bits": self._bits, "held": self._held.save()}
        return {**own, "bus": self.bus.save()}

    def restore(self, snapshot: dict[str, Any], parts: Callable[[str], Part]) -> None:
        """Go back to a snapshot; `parts` finds one by its name."""
        self._phase = Phase(snapshot["phase"])
        self._byte, self._bits = snapshot["byte"], snapshot["bits"]
        self._held.restore(snapshot["held"])
        self.bus.restore(snapshot["bus"], parts)
