"""Wires between parts and the chip: pins, and blocks of the chip that reach those pins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from emu.parts.i2c_bus import I2cBus, I2cPart
from emu.parts.i2c_wires import I2cWires
from emu.parts.i2s_bus import I2sPart, SampleFormat
from emu.parts.lcd_part import LcdPart
from emu.parts.net import HIGH, LOW, Wire
from emu.parts.part import Part
from emu.parts.sd_bus import SdBus, SdPart
from emu.parts.spi_bus import SpiBus, SpiPart
from emu.parts.spi_wires import SpiWires
from emu.parts.uart_part import UartPart
from emu.parts.wiring import BUS, ROLES, UARTS
from emu.soc.pins import Pins
from emu.soc.w800 import W800
from peripherals.framework.environment import Clock

_FUNCTIONS = {
    "i2c": {"scl": "I2C_SCL", "sda": "I2C_SDA"},
    "spi": {"sck": "LSPI_CK", "mosi": "LSPI_MOSI", "miso": "LSPI_MISO"},
    "i2s": {"data": "I2S_DO", "bclk": "I2S_BCLK", "lrclk": "I2S_LRCLK"},
    "sdio_host": {
        **{"clk": "MMC_CLK", "cmd": "MMC_CMD", **{f"dat{line}": f"MMC_DAT{line}" for line in range(4)}},
        **{"sck": "MMC_CLK", "mosi": "MMC_CMD", "miso": "MMC_DAT0"},
    },
}
"""The functions of pins that a block needs to reach such a wire."""


class Port(Protocol):
    """The other side of a UART: see `UartPort`."""

    def listen(self, listener: Callable[[int, int], None], *, also_muted: bool = False) -> None:
        """Tell the virtual time and each byte, as it arrives."""

    def unlisten(self, listener: Callable[[int, int], None], *, also_muted: bool = False) -> None:
        """Tell no more."""


class PartWires:
    """Finds for each byte and each level who gets it."""

    def __init__(self, soc: W800, pins: Pins, clock: Clock) -> None:
        self.report: Callable[[str], None] = lambda text: None
        """Gets a line about what is odd, such as pins that are driven against each other."""
        self.uart_ports: Sequence[Port] = ()
        self._soc = soc
        self._pins = pins
        self._clock = clock
        self._connected: dict[str, tuple[Part, dict[str, str]]] = {}
        self._i2c = I2cBus(self._on_i2c)
        self._spi = SpiBus(lambda: self._on_spi("spi"), lambda: soc.spi.clock_mode)
        self._sd = SdBus(self._on_sd, SpiBus(lambda: self._on_spi("sdio_host")))
        self._i2c_wires: dict[tuple[str, str], I2cWires] = {}
        self._spi_wires: dict[str, SpiWires] = {}
        self._listeners: dict[str, Callable[[int, int], None]] = {}
        pins.on_touch = soc.touch.put_finger
        pins.on_conflict = self._spi.on_conflict = self._sd.on_conflict = lambda text: self.report(text)
        soc.i2c.wires = self._i2c
        soc.sdio_host.wires = self._sd
        soc.i2s.exchange = self._hear_i2s
        soc.lcd.on_change = self._show
        soc.spi.exchange = self._spi.exchange
        soc.spi.select_line = lambda level: pins.put_out("LSPI_CS", HIGH if level else LOW)

    def of(self, name: str, wires: Mapping[str, str]) -> dict[str, Wire]:
        """The ends of its wires for a part of that name."""
        return {role: Wire(self._pins.net(pin), name) for role, pin in wires.items() if role != BUS}

    def sender(self, name: str, wires: Mapping[str, str]) -> Callable[[bytes], None]:
        """What sends bytes to the UART that a part of that name is at."""
        bus = wires.get(BUS)
        if bus not in UARTS:
            return lambda data: None
        uart = self._soc.uarts[UARTS.index(bus)]

        def send(data: bytes) -> None:
            if self._has_pin(name, bus, "RX", is_used=bool(uart.line_control.rx_enable)):
                uart.feed(data)

        return send

    def _hearing(self, part: UartPart, bus: str) -> Callable[[int, int], None]:
        def hear(_time_ns: int, byte: int) -> None:
            if self._has_pin(part.name, bus, "TX"):
                part.receive(byte)

        return hear

    def _has_pin(self, name: str, uart: str, line: str, *, is_used: bool = True) -> bool:
        """Whether a line of a UART is at a pin; if it should be, that is told."""
        function = f"{uart.upper()}_{line}"
        if self._pins.functions.pins_of(function):
            return True
        if is_used:
            self.report(f"{uart}: no pin is given to {function}: {name} is not reached")
        return False

    def connect(self, part: Part, wires: dict[str, str]) -> None:
        """Have the buses of the part's wires reach it."""
        self._connected[part.name] = (part, wires)
        if isinstance(part, UartPart):
            listener = self._listeners[part.name] = self._hearing(part, wires[BUS])
            self.uart_ports[UARTS.index(wires[BUS])].listen(listener, also_muted=True)
        elif isinstance(part, LcdPart):
            part.show(self._soc.lcd.shown)
        elif isinstance(part, SpiPart) and "sck" in wires:
            self._spi_wires[part.name] = SpiWires(part)
        elif isinstance(part, I2cPart) and BUS not in wires:
            self._wire_i2c(wires["scl"], wires["sda"])
        self._choose_spi()

    def _choose_spi(self) -> None:
        """Look for parts that read the data of SPI as levels only while there are some."""
        hears_bits = self._pins.hears_bits
        self._soc.spi.exchange = self._exchange_spi if hears_bits else self._spi.exchange

    def _wire_i2c(self, scl: str, sda: str) -> None:
        """Read I2C from two pins, once for all parts at them."""
        if (scl, sda) not in self._i2c_wires:
            name = f"i2c at {scl} and {sda}"
            clock, data = (Wire(self._pins.net(pin), name) for pin in (scl, sda))
            self._i2c_wires[scl, sda] = I2cWires(
                clock, data, I2cBus(lambda: self._at_pins(scl, sda)), self._clock
            )

    def disconnect(self, part: Part) -> None:
        """Have nobody reach it any more."""
        _, wires = self._connected.pop(part.name)
        if (listener := self._listeners.pop(part.name, None)) is not None:
            self.uart_ports[UARTS.index(wires[BUS])].unlisten(listener, also_muted=True)
        self._spi_wires.pop(part.name, None)
        self.leave(part.name, wires)
        self._choose_spi()
        pins = wires.get("scl", ""), wires.get("sda", "")
        if pins in self._i2c_wires and not any(self._at_pins(*pins)):
            self._i2c_wires.pop(pins).remove()

    def leave(self, name: str, wires: Mapping[str, str]) -> None:
        """Take a part of that name off its nets."""
        for role, pin in wires.items():
            if role != BUS:
                self._pins.net(pin).leave(name)

    def order(self, names: Iterable[str]) -> None:
        """Have buses ask parts in this order."""
        self._connected = {name: self._connected[name] for name in names}

    def _at_pins(self, scl: str, sda: str) -> Iterator[I2cPart]:
        for part, wires in self._connected.values():
            if isinstance(part, I2cPart) and (wires.get("scl"), wires.get("sda")) == (scl, sda):
                yield part

    def _on_i2c(self) -> Iterator[I2cPart]:
        for part, wires in self._connected.values():
            if isinstance(part, I2cPart) and self._reaches("i2c", part, wires):
                yield part

    def _on_spi(self, block: str) -> Iterator[SpiPart]:
        for part, wires in self._connected.values():
            if isinstance(part, SpiPart) and self._reaches(block, part, wires):
                yield part

    def _on_sd(self) -> Iterator[SdPart]:
        for part, wires in self._connected.values():
            if isinstance(part, SdPart) and self._reaches("sdio_host", part, wires):
                yield part

    def _exchange_spi(self, sent: bytes) -> bytes:
        """Pass bytes on to the parts on the bus, and to those that only look at its data."""
        self._pins.put_bits("LSPI_MOSI", sent, self._soc.spi.bit_ns)
        return self._spi.exchange(sent)

    def _show(self, lines: Sequence[int]) -> None:
        for part, _ in self._connected.values():
            if isinstance(part, LcdPart):
                part.show(lines)

    def _hear_i2s(self, word: int) -> int:
        """Pass a word of samples on; nobody sends any back."""
        i2s = self._soc.i2s
        listeners = [
            part
            for part, wires in self._connected.values()
            if isinstance(part, I2sPart) and self._reaches("i2s", part, wires)
        ]
        if listeners and i2s.control.tx_enable:
            bits = i2s.sample_bits
            how = SampleFormat(i2s.bit_hz() // (2 * bits), bits, 1 if i2s.control.mono else 2)
            for part in listeners:
                part.take(i2s.samples_of(word), how)
        return 0

    def _reaches(self, block: str, part: Part, wires: Mapping[str, str]) -> bool:
        """Whether the pins that a block has are those that the part is at."""
        functions, needed = self._pins.functions, _FUNCTIONS[block]
        roles = ROLES[part.bus]
        if (bus := wires.get(BUS)) is not None:
            # SPI can do without an answer; of SD's data lines, the first is enough.
            missing = [needed[role] for role in roles[:2] if not functions.pins_of(needed[role])]
            if bus == block and missing:
                self.report(f"{bus}: no pin is given to {' and '.join(missing)}: {part.name} is not reached")
            return bus == block and not missing
        return all(functions.selected(wires[role]) == needed[role] for role in roles if role in wires)

    def save(self) -> dict[str, Any]:
        """Take a snapshot of what is under way on the buses."""
        return {
            "i2c": self._i2c.save(),
            "i2c_wires": {" ".join(pins): wires.save() for pins, wires in self._i2c_wires.items()},
            "spi_wires": {name: wires.save() for name, wires in self._spi_wires.items()},
        }

    def restore(self, snapshot: dict[str, Any], parts: Callable[[str], Part]) -> None:
        """Go back to a snapshot; the parts are there already."""
        self._i2c.restore(snapshot["i2c"], parts)
        for pins, state in snapshot["i2c_wires"].items():
            scl, sda = pins.split()
            self._wire_i2c(scl, sda)
            self._i2c_wires[scl, sda].restore(state, parts)
        for name, state in snapshot["spi_wires"].items():
            self._spi_wires[name].restore(state)
