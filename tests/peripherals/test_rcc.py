"""Reset and clock control alone."""

from dataclasses import dataclass, field

import pytest
from support.environment import FakeWorld

from peripherals.framework.reset import ResetCause
from peripherals.rcc import Rcc

UPDATE = 1 << 31


@dataclass
class Bench:
    rcc: Rcc
    world: FakeWorld
    changes: list[tuple[int, int]] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)

    def divide(self, *, cpu: int, wlan: int = 3, bus: int = 2, update: int = UPDATE) -> None:
        self.rcc.write(self.rcc.clock_divider.offset, update | 3 << 24 | bus << 16 | wlan << 8 | cpu)


@pytest.fixture
def bench(world: FakeWorld) -> Bench:
    rcc = Rcc("rcc", world.environment)
    bench = Bench(rcc, world)
    rcc.on_change = lambda: bench.changes.append((rcc.cpu_hz, rcc.apb_hz))
    rcc.request_reset = bench.resets.append
    return bench


def test_the_cpu_starts_at_80_mhz_and_the_buses_at_40(bench: Bench) -> None:
    assert (bench.rcc.cpu_hz, bench.rcc.apb_hz) == (80_000_000, 40_000_000)


def test_dividers_can_be_read_back_and_are_not_zero(bench: Bench) -> None:
    divider = bench.rcc.clock_divider
    assert 0 not in (divider.cpu, divider.wlan, divider.bus_factor, divider.peripheral)


def test_240_mhz_as_the_driver_sets_it(bench: Bench) -> None:
    """wm_hal_rcc_config_clock: update off, divider, factor = wlan * 4 / cpu, update on."""
    bench.divide(cpu=6, update=0)
    bench.divide(cpu=2, update=0)
    bench.divide(cpu=2, bus=6, update=0)
    assert bench.changes == []
    bench.divide(cpu=2, bus=6)
    assert bench.changes == [(240_000_000, 40_000_000)]
    assert not bench.rcc.clock_divider.update


def test_the_same_dividers_again_are_no_change(bench: Bench) -> None:
    bench.divide(cpu=6)
    assert bench.changes == []


def test_a_divider_of_zero_does_not_stop_time(bench: Bench) -> None:
    bench.divide(cpu=0, bus=0)
    assert bench.changes == [(480_000_000, 480_000_000)]


def test_blocks_held_in_reset_are_named(bench: Bench) -> None:
    held = bench.rcc.SoftReset.gpsec.mask | bench.rcc.SoftReset.uart1.mask
    bench.rcc.write(bench.rcc.soft_reset.offset, 0xFFFF_FFFF & ~held)
    assert bench.resets == ["gpsec", "uart1"]
    bench.rcc.write(bench.rcc.soft_reset.offset, 0xFFFF_FFFF)
    assert len(bench.resets) == 2


def test_the_watchdog_leaves_its_mark_until_cleared(bench: Bench) -> None:
    state = bench.rcc.reset_state
    bench.rcc.reset(ResetCause.WATCHDOG)
    bench.rcc.reset(ResetCause.WAKE_UP)
    assert bench.rcc.read(state.offset) == 1
    bench.rcc.write(state.offset, 1 << 2)
    assert bench.rcc.read(state.offset) == 0
    bench.rcc.reset(ResetCause.POWER_ON)
    assert bench.rcc.read(state.offset) == 0


def test_a_reset_returns_to_the_first_frequencies(bench: Bench) -> None:
    bench.divide(cpu=2, bus=6)
    bench.rcc.reset(ResetCause.WATCHDOG)
    assert bench.changes[-1] == (80_000_000, 40_000_000)


def test_a_snapshot_holds_the_frequencies(bench: Bench) -> None:
    bench.divide(cpu=2, bus=6)
    snapshot = bench.rcc.save()
    bench.rcc.reset()
    bench.rcc.restore(snapshot)
    assert (bench.rcc.cpu_hz, bench.rcc.apb_hz) == (240_000_000, 40_000_000)


def test_clock_gates_are_reported_as_not_modelled(bench: Bench) -> None:
    bench.rcc.write(bench.rcc.clock_enable.offset, 0)
    assert bench.world.log.names == ["rcc.clock_enable.gates"]


def test_the_bit_clock_of_i2s_is_a_part_of_160_mhz(bench: Bench) -> None:
    assert bench.rcc.i2s_bit_hz == 0
    bench.rcc.write(bench.rcc.i2s_control.offset, 104 << 8)
    assert bench.rcc.i2s_bit_hz == 160_000_000 // 104
    assert bench.changes == [(80_000_000, 40_000_000)]


def test_a_crystal_that_drifts_takes_all_clocks_along(bench: Bench) -> None:
    bench.rcc.drift(-10_000)
    assert bench.changes == [(79_200_000, 39_600_000)]
    bench.rcc.reset(ResetCause.POWER_ON)
    assert bench.rcc.cpu_hz == 79_200_000
    bench.rcc.drift(0)
    assert bench.changes[-1] == (80_000_000, 40_000_000)
