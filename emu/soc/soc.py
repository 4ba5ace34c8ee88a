"""What makes a chip of a memory map: blocks built and wired, found by address, reset and saved."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from emu.soc.irq import Irq
from peripherals.absent import Absent
from peripherals.framework.environment import AccessLog, Clock, Environment, MasterPort
from peripherals.framework.errors import DeclarationError
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.reset import ResetCause
from peripherals.pmu import PowerMode
from peripherals.rcc import Rcc
from peripherals.vic import VectorInterruptController

D = TypeVar("D", bound=Peripheral)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the memory map."""

    base: int
    model: Callable[..., Peripheral]
    irqs: tuple[Irq, ...]
    size_bytes: int
    parts: tuple[str, ...]


def device(
    base: int, model: Callable[..., D], *irqs: Irq, size: int = 0x200, parts: tuple[str, ...] = ()
) -> D:
    """Place a block in the memory map of a Soc, with its interrupt lines and the `parts` it needs.

    A part is an argument of the Soc, or a block of a row before.

    Typed as the block itself, which is what an instance of the Soc holds under that name.
    """
    return Row(base, model, irqs, size, parts)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses at which a block answers: `base` is its register at `offset`."""

    name: str
    base: int
    size_bytes: int
    device: Peripheral
    offset: int = 0

    @property
    def end(self) -> int:
        """The address behind the last."""
        return self.base + self.size_bytes


class Soc:
    """Base of a chip; subclasses are the memory map.

    It is also the Frequencies of its blocks, as its RCC block makes them. The machine around it replaces the
    call-backs: `on_reset_request` is asked for a reset, `on_power_mode` told when the chip falls asleep or
    wakes, `on_clocks_changed` that frequencies differ (before the blocks hear of it). The blocks that are
    `absent` in its package only report that they are used.
    """

    rows: ClassVar[dict[str, Row]] = {}
    vic: VectorInterruptController
    rcc: Rcc

    def __init_subclass__(cls) -> None:
        cls.rows = {name: row for name, row in vars(cls).items() if isinstance(row, Row)}
        bases = [row.base for row in cls.rows.values()]
        if bases != sorted(set(bases)):
            raise DeclarationError(f"{cls.__name__}: the rows must be in the order of their addresses")

    def __init__(
        self, clock: Clock, memory: MasterPort, log: AccessLog, absent: Collection[str] = (), **parts: Any
    ) -> None:
        self.on_reset_request: Callable[[ResetCause], None] = self.reset
        self.on_power_mode: Callable[[PowerMode], None] = lambda mode: None
        self.on_clocks_changed: Callable[[], None] = lambda: None
        self.devices: dict[str, Peripheral] = {}
        self._absent = absent
        environment = Environment(clock, memory, self, log)
        self.vic = self._build("vic", environment, {})
        for name in self.rows:
            if name != "vic":
                setattr(self, name, self._build(name, environment, parts))
        self.windows = _disjoint(self.devices, self.rows)
        self._bases = [window.base for window in self.windows]
        self.rcc.on_change = self._clocks_changed

    @property
    def cpu_hz(self) -> int:
        """What the CPU and its core timer run on."""
        return self.rcc.cpu_hz

    @property
    def apb_hz(self) -> int:
        """What UARTs, timers and the watchdog run on."""
        return self.rcc.apb_hz

    def device_at(self, address: int) -> tuple[Peripheral, int] | None:
        """Find the block that answers at an address, and the offset in it."""
        index = bisect_right(self._bases, address) - 1
        if index < 0 or address >= self.windows[index].end:
            return None
        window = self.windows[index]
        return window.device, address - window.base + window.offset

    def register_at(self, name: str) -> int | None:
        """The address of a register by `block.register`; None if there is none of that name."""
        block, _, wanted = name.partition(".")
        if block not in self.devices:
            return None
        offsets = {register.name: register.offset for register in self.devices[block].registers()}
        return self.rows[block].base + offsets[wanted] if wanted in offsets else None

    def reset(self, cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Reset every block, the interrupt controller last."""
        for name in self.rows:
            self.devices[name].reset(cause)

    def save(self) -> dict[str, Any]:
        """Take a snapshot of every block as plain data."""
        return {name: self.devices[name].save() for name in self.rows}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; clock and memory must be back already."""
        for name in self.rows:
            self.devices[name].restore(snapshot[name])

    def _build(self, name: str, environment: Environment, parts: dict[str, Any]) -> Any:
        row = self.rows[name]
        lines = [self.vic.line(irq, name) for irq in row.irqs]
        known = parts | self.devices
        block: Peripheral
        if name in self._absent:
            block = Absent(name, environment)
        else:
            block = row.model(name, environment, *lines, **{part: known[part] for part in row.parts})
        self.devices[name] = block
        return block

    def _clocks_changed(self) -> None:
        self.on_clocks_changed()
        for block in self.devices.values():
            block.clocks_changed()


def _disjoint(devices: dict[str, Peripheral], rows: dict[str, Row]) -> tuple[AddressRange, ...]:
    """Cut the rows into windows that do not overlap; a block may lie within the one before it."""
    windows: list[AddressRange] = []
    for name, row in rows.items():
        rest = None
        if windows and row.base < (before := windows[-1]).end:
            end = row.base + row.size_bytes
            if end > before.end:
                raise DeclarationError(f"{name} overlaps {before.name}")
            head = row.base - before.base
            windows[-1] = AddressRange(before.name, before.base, head, before.device)
            rest = AddressRange(before.name, end, before.end - end, before.device, end - before.base)
        windows.append(AddressRange(name, row.base, row.size_bytes, devices[name]))
        if rest is not None and rest.size_bytes:
            windows.append(rest)
    return tuple(windows)
