"""The caches of the core. Layout and use: core_804.h (wm_iot_sdk)."""

from __future__ import annotations

from peripherals.framework.environment import Environment
from peripherals.framework.fields import rw, unmodelled, wo
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at

REGIONS = 4


class Cache(Peripheral):
    """Settings that read back and nothing else: without caches every access sees the memory as it is."""

    # fmt: off
    class Enable(Register):
        write_allocate     = rw(5)
        data_write         = rw(4)
        write_back         = rw(2)
        configuration      = rw(1, doc="set with the instruction cache, clear with the data cache")
        enable             = rw(0)

    class Invalidate(Register):
        address            = wo(31, 4, "of the line")
        clean_line         = wo(3)
        clean_all          = wo(2)
        invalidate_line    = wo(1)
        invalidate_all     = wo(0)

    class Region(Register):
        base               = rw(31, 10)
        secure             = rw(6)
        size               = rw(5, 1)
        enable             = rw(0)

    class CountControl(Register):
        reset              = unmodelled(1, doc="no hits and misses are counted")
        enable             = unmodelled(0, doc="no hits and misses are counted")

    class Count(Register):
        times              = unmodelled(31, 0, "no hits and misses are counted")

    enable        = at(0x000, Enable)
    invalidate    = at(0x004, Invalidate)
    region        = at(0x008, Region, count=REGIONS)
    count_control = at(0xFF4, CountControl)
    count         = at(0xFF8, Count, "accesses, misses", count=2)
    # fmt: on

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
