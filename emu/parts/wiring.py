"""Which wires fit a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from emu.parts.errors import PartError
from emu.parts.part import Part

BUS: Final = "bus"
"""The role of a block of the chip that stands for some of the wires."""
UARTS: Final = tuple(f"uart{number}" for number in range(6))
BUSES: Final[dict[str, tuple[str, ...]]] = {
    "i2c": ("i2c",),
    "spi": ("spi", "sdio_host"),
    "sd": ("sdio_host",),
    "i2s": ("i2s",),
    "lcd": ("lcd",),
    "uart": UARTS,
}
"""The blocks of the chip by the kind of bus."""
ROLES: Final = {
    "i2c": ("scl", "sda"),
    "spi": ("sck", "mosi", "miso"),
    "i2s": ("data", "bclk", "lrclk"),
    "sd": ("clk", "cmd", "dat0", "dat1", "dat2", "dat3"),
}
"""The wires that a bus stands for."""


def roles_of(part: type[Part]) -> tuple[str, ...]:
    """All that can be wired."""
    return (*part.wires, *part.optional_wires, *((BUS,) if part.bus else ()))


def checked_wires(
    part: type[Part], wires: Mapping[str, str], plain_pin: Callable[[str], str]
) -> dict[str, str]:
    """The wires with plain names of pins; PartError for what does not fit the part."""
    given = dict(wires)
    bus = given.pop(BUS, None)
    if bus is not None and bus not in BUSES.get(part.bus, ()):
        there_are = ", ".join(BUSES.get(part.bus, ())) or "none for it"
        raise PartError(f"{part.kind}: no bus {bus!r}: there are {there_are}")
    by_bus = ROLES.get(part.bus, ()) if bus is not None else ()
    takes = [role for role in (*part.wires, *part.optional_wires) if role not in by_bus]
    for role in given:
        if role not in takes:
            raise PartError(f"{part.kind}: no wire {role!r}: there are {', '.join(takes) or 'none'}")
    for role in part.wires:
        if role not in given and role not in by_bus:
            or_bus = f", or bus={BUSES[part.bus][0]!r}" if part.bus in ROLES else ""
            raise PartError(f"{part.kind}: it needs a wire {role!r}: {role}='PB5'{or_bus}")
    if bus is None and part.bus in BUSES and part.bus not in ROLES:
        at = "which UART: bus='uart1'" if part.bus == "uart" else f"where it is: bus={part.bus!r}"
        raise PartError(f"{part.kind}: say {at}")
    plain = {role: plain_pin(pin) for role, pin in given.items()}
    return plain if bus is None else {**plain, BUS: bus}
