"""The hardware: chip, memories and flash wired together around the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emu.bus import Bus, DmaPort
from emu.clock import VirtualClock
from emu.cpu.core import Core
from emu.cycles import ONE_CYCLE, Costs
from emu.engine.contract import EngineFactory, MemoryRegion
from emu.machine.access_log import UnmodelledLog
from emu.memory_map import FLASH_BASE, SRAM_BASE, SRAM_SIZE_BYTES
from emu.network.network import Network
from emu.soc.w800 import DEVICE_RANGES, W800
from peripherals.framework.page_copies import PageCopies, Pages
from peripherals.framework.reset import ResetCause
from peripherals.nor_flash import FlashTimings, NorFlash
from peripherals.pmu import PowerMode
from roms import mask_rom

if TYPE_CHECKING:
    from emu.network.world import World

ROM_BASE = 0
ROM_SIZE_BYTES = 0x1_4000
"""GUESS: no source tells the size of the mask ROM."""

PSRAM_BASE = 0x3000_0000
PSRAM_WINDOW_BYTES = 0x80_0000
"""Software looks how much of it there is (wm_hal_psram.c)."""

_IGNORED_WRITES = {
    "mask_rom": "a null pointer?",
    "flash": "a store to read-only flash?",
    "no_psram": "nothing is there",
}


@dataclass(frozen=True, slots=True)
class BoardOptions:
    """What differs between boards; `seed` makes the random numbers of the chip."""

    make_engine: EngineFactory
    costs: Costs = ONE_CYCLE
    psram_size_bytes: int = 0
    seed: int = 0
    flash_timings: FlashTimings | None = None
    absent: tuple[str, ...] = ()
    """The blocks that the package leaves unused."""
    network: Network | None = None
    """What is in the air around it; None: nothing."""


class Board:
    """One W800-family chip with its flash. `contents` is the flash array and stays in use."""

    def __init__(self, contents: bytearray, options: BoardOptions) -> None:
        self.identity: dict[str, Any] = {
            "flash size": len(contents),
            "PSRAM size": options.psram_size_bytes,
            "flash times": repr(options.flash_timings or FlashTimings()),
            "cycles": repr(options.costs),
            "blocks left out": list(options.absent),
            "networks": [] if options.network is None else options.network.identity,
        }
        """What snapshots of other boards do not fit."""
        self.log = UnmodelledLog()
        self.flash = NorFlash(len(contents), contents=contents, timings=options.flash_timings)
        cost = options.costs.ram
        ram = [MemoryRegion("sram", SRAM_BASE, bytearray(SRAM_SIZE_BYTES), writable=True, cost=cost)]
        if options.psram_size_bytes:
            psram = bytearray(options.psram_size_bytes)
            ram.append(MemoryRegion("psram", PSRAM_BASE, psram, writable=True, cost=cost))
        self._ram = [(region, PageCopies(region.buffer)) for region in ram]
        beyond = _psram_window_beyond(options.psram_size_bytes, cost)
        # The SDK's Bluetooth stack stores through a null pointer and goes on (k_poll on a k_queue).
        rom_contents = mask_rom.contents(ROM_SIZE_BYTES)
        rom = MemoryRegion("mask_rom", ROM_BASE, rom_contents, writable=False, ignores_writes=True, cost=cost)
        # The radio library of the W800 SDK 1.x stores into read-only data at every scan.
        xip = MemoryRegion(
            "flash", FLASH_BASE, contents, writable=False, ignores_writes=True, cost=options.costs.flash
        )
        self.bus = Bus((rom, xip, *ram, *beyond), DEVICE_RANGES)
        self.memory = DmaPort(self.bus)
        """What blocks read and write."""
        self.outside = DmaPort(self.bus)
        """What everybody else does: users, boot code that is not executed, power."""
        self.clock = VirtualClock(1_000_000_000, options.costs.cycles_per_unit)
        self.soc = W800(
            self.clock, self.memory, self.log, flash=self.flash, seed=options.seed, absent=options.absent
        )
        for window in self.soc.windows:
            self.bus.attach(window.name, window.base, window.size_bytes, window.device, window.offset)
        self.world = None if options.network is None else self._surround_with(options.network)
        """The networks around it; None: a shielded box."""
        self.bus.on_ignored_write = self._report_ignored_write
        self.core = Core(options.make_engine, self.bus, self.clock, self.soc.vic)
        self._connect()

    def _connect(self) -> None:
        engine = self.core.engine
        for port in (self.memory, self.outside):
            port.written.append(engine.invalidate)
        self.flash.changed.internal.append(
            lambda offset, size_bytes: engine.invalidate(FLASH_BASE + offset, size_bytes)
        )
        self.soc.flash_controller.stall = self.clock.idle_until_event
        self.soc.i2c.stall = self.clock.idle_until_event
        for uart in self.soc.uarts:
            uart.stall = self.clock.idle_until_event
        self.soc.on_clocks_changed = self._follow_cpu_clock
        self.soc.on_power_mode = lambda mode: self.core.set_halted(mode is not PowerMode.ACTIVE)
        self._follow_cpu_clock()

    def _surround_with(self, network: Network) -> World:
        from emu.network.world import World  # most machines are in a shielded box

        world = World(network, self.clock, self.soc.wlan_security)
        self.soc.wlan_security.air = world
        return world

    def _follow_cpu_clock(self) -> None:
        self.clock.cpu_hz = self.soc.cpu_hz

    def _report_ignored_write(self, name: str, address: int) -> None:
        self.log.unmodelled(name, f"write at {address:#x} ignored: {_IGNORED_WRITES[name]}")

    def note_reads(self, pages: set[int] | None) -> None:
        """Between runs: add to a set what of the flash CPU and DMA read from now on; None: no longer.

        Numbers of pages of 16 KiB of the address space, other memories among them. What the flash controller
        reads is not in it.
        """
        self.bus.granules_read = pages
        self.core.engine.note_reads(pages)

    def reset(self, cause: ResetCause) -> None:
        """Reset chip and CPU. RAM has no power in standby, so a wake-up from it finds zeros, too."""
        if cause in (ResetCause.POWER_ON, ResetCause.WAKE_UP):
            for region, _ in self._ram:
                self.outside.write(region.base, bytes(len(region.buffer)))
        self.soc.reset(cause)
        self.core.reset()

    def save(self) -> dict[str, Any]:
        """Take a snapshot of the whole chip with its memories as plain data, between runs."""
        return {
            "core": self.core.save(),
            "clock": self.clock.save(),
            "ram": self._save_ram(),
            "soc": self.soc.save(),
            "world": None if self.world is None else self.world.save(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot of a board with the same memories, whichever engine made it, between runs.

        Nothing outside the chip is told; a run from here is the one that went on from the snapshot.
        """
        self.core.restore(snapshot["core"])
        self.clock.restore(snapshot["clock"])
        self._restore_ram(snapshot["ram"])
        self.soc.restore(snapshot["soc"])
        if self.world is not None:
            self.world.restore(snapshot["world"])

    def _save_ram(self) -> list[Pages]:
        for _, copies in self._ram:
            copies.compare()
        return [copies.take() for _, copies in self._ram]

    def _restore_ram(self, snapshot: list[Pages]) -> None:
        self._save_ram()
        for (region, copies), pages in zip(self._ram, snapshot, strict=True):
            for offset, page in copies.differences(pages):
                copies.changed(offset, len(page))
                self.outside.write(region.base + offset, page)


def _psram_window_beyond(size_bytes: int, cost: int) -> list[MemoryRegion]:
    """Give what answers above a PSRAM that does not fill the window: GUESS: zeros."""
    if not 0 < size_bytes < PSRAM_WINDOW_BYTES:
        return []
    nothing = bytearray(PSRAM_WINDOW_BYTES - size_bytes)
    base = PSRAM_BASE + size_bytes
    return [MemoryRegion("no_psram", base, nothing, writable=False, ignores_writes=True, cost=cost)]
