"""A bus of the chip as users see it: `machine.i2c`, `machine.spi`."""

from __future__ import annotations

from typing import TypeVar

from emu.machine.attachments import Attachments
from emu.machine.errors import MachineError
from emu.parts.i2c_bus import I2cPart
from emu.parts.spi_bus import SpiPart

Slave = TypeVar("Slave", bound=I2cPart)
Chosen = TypeVar("Chosen", bound=SpiPart)


class I2cPort:
    """The I2C block, at whatever pins the firmware gives to it."""

    def __init__(self, parts: Attachments) -> None:
        self._parts = parts

    def attach(
        self, part: Slave, *, address: int | None = None, name: str | None = None, **wires: str
    ) -> Slave:
        """Put a part on the bus, at an address of 7 bits unless its usual one; gives the part."""
        if not isinstance(part, I2cPart):
            raise MachineError(f"i2c.attach: {part!r} is no part for I2C")
        if address is not None:
            part.choose("address", address)
        return self._parts.attach(part, name=name, bus="i2c", **wires)


class SpiPort:
    """The SPI block, at whatever pins the firmware gives to it."""

    def __init__(self, parts: Attachments) -> None:
        self._parts = parts

    def attach(
        self, part: Chosen, *, select: str | None = None, name: str | None = None, **wires: str
    ) -> Chosen:
        """Put a part on the bus, with the pin that selects it, and further wires; gives the part."""
        if not isinstance(part, SpiPart):
            raise MachineError(f"spi.attach: {part!r} is no part for SPI")
        chosen = wires if select is None else {"select": select, **wires}
        return self._parts.attach(part, name=name, bus="spi", **chosen)
