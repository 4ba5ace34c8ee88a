"""What is around a part under test: nets with a chip's pin that the test is, and masters of buses."""

from __future__ import annotations

from typing import TypeVar

from emu.parts.i2c_bus import I2cBus, I2cPart
from emu.parts.net import Net, Wire
from emu.parts.part import Part, Place
from emu.parts.spi_bus import SpiPart
from support.clock import FakeClock

P = TypeVar("P", bound=Part)


class FakePin:
    """The chip's end of a net: `output` is what it drives, None for an input that is pulled up."""

    def __init__(self) -> None:
        self.output: bool | None = None
        self.outside: bool | None = None
        self.counts = 0
        self.net = Net("pin", self)

    @property
    def level(self) -> bool:
        if self.output is not None:
            return self.output
        return True if self.outside is None else self.outside

    @property
    def is_output(self) -> bool:
        return self.output is not None

    def put(self, level: bool | None) -> None:
        self._change(self.output, level)

    def touch(self, counts: int) -> None:
        self.counts = counts

    def write(self, level: int | None) -> None:
        """Drive the pin as firmware does; None: let go."""
        self._change(None if level is None else bool(level), self.outside)

    def _change(self, output: bool | None, outside: bool | None) -> None:
        before = self.level
        self.output, self.outside = output, outside
        if self.level is not before:
            self.net.chip_changed(self.level)


class Bench:
    """A part with a pin at each of its wires."""

    def __init__(self, *roles: str) -> None:
        self.clock = FakeClock()
        self.pins = {role: FakePin() for role in roles}
        self.reports: list[str] = []
        self.sent = bytearray()

    def attach(self, part: P, name: str = "part") -> P:
        wires = {role: Wire(pin.net, name) for role, pin in self.pins.items()}
        part.attach(Place(name, self.clock, wires, send=self.sent.extend, report=self.reports.append))
        return part


class I2cMaster:
    """Transfers to parts on a bus of their own."""

    def __init__(self, *parts: I2cPart) -> None:
        self.bus = I2cBus(lambda: parts)

    def write(self, address: int, *data: int, stops: bool = True) -> bool:
        self.bus.start()
        acknowledged = all(self.bus.write(byte) for byte in (address << 1, *data))
        if stops:
            self.bus.stop()
        return acknowledged

    def read(self, address: int, count: int) -> bytes | None:
        """None: nobody acknowledges the address."""
        self.bus.start()
        data = None
        if self.bus.write(address << 1 | 1):
            data = bytes(self.bus.read(is_acknowledged=n < count - 1) for n in range(count))
        self.bus.stop()
        return data

    def ask(self, address: int, *command: int, count: int) -> bytes | None:
        """Write without a stop, then read."""
        self.write(address, *command, stops=False)
        return self.read(address, count)


def spi_transfer(bench: Bench, part: SpiPart, *data: int, count: int = 0) -> bytes:
    """Select a part, send bytes, receive as many as `count` behind them, and deselect."""
    bench.pins["select"].write(0)
    part.exchange(bytes(data))
    answer = part.exchange(bytes(count))
    bench.pins["select"].write(1)
    return answer
