"""What the blocks of the chip do to one another."""

import pytest
from support.environment import FakeWorld
from support.memory import FakeMemory

from emu.soc.irq import Irq
from emu.soc.variants import VARIANTS
from emu.soc.w800 import W800
from peripherals.absent import Absent
from peripherals.dma import Request
from peripherals.framework.reset import ResetCause
from peripherals.hspi_master import HspiMaster
from peripherals.nor_flash import NorFlash
from peripherals.pmu import PowerMode
from peripherals.watchdog import RESET_DELAY_NS

SECOND_NS = 1_000_000_000


@pytest.fixture
def soc(world: FakeWorld) -> W800:
    return W800(world.clock, world.memory, world.log, flash=NorFlash())


def store(soc: W800, address: int, value: int, size_bytes: int = 4) -> None:
    found = soc.device_at(address)
    assert found is not None
    block, offset = found
    block.write(offset, value, size_bytes)


def load(soc: W800, address: int) -> int:
    found = soc.device_at(address)
    assert found is not None
    block, offset = found
    return block.read(offset)


class RamAndBlocks(FakeMemory):
    """What a DMA master of `soc` sees."""

    soc: W800

    def read(self, address: int, size_bytes: int) -> bytes:
        if self.soc.device_at(address):
            return load(self.soc, address).to_bytes(size_bytes, "little")
        return super().read(address, size_bytes)


def test_a_tick_of_the_core_timer_reaches_the_cpu_as_vector_57(soc: W800, world: FakeWorld) -> None:
    changes: list[int | None] = []
    soc.vic.on_change = lambda: changes.append(soc.vic.pending_vector())
    store(soc, 0xE000_E100, 1 << Irq.CORE_TIMER)
    store(soc, 0xE000_E014, 79_999)
    store(soc, 0xE000_E018, 0)
    store(soc, 0xE000_E010, 7)
    world.clock.advance(999_999)
    assert changes == []
    world.clock.advance(1)
    assert changes == [57]


def test_uarts_2_to_5_share_a_line(soc: W800) -> None:
    store(soc, 0xE000_E100, 1 << 19)
    for uart in (soc.uart2, soc.uart5):
        uart.write(uart.line_control.offset, 0xC3)
        uart.write(uart.interrupt_mask.offset, 0)
        uart.receive(1)
    for uart in (soc.uart2, soc.uart5):
        assert soc.vic.pending_vector() == 51
        soc.vic.acknowledge(51)
        uart.read(uart.rx_data.offset)
        uart.write(uart.interrupt_source.offset, 0x3FF)
        soc.vic.complete()
    assert soc.vic.pending_vector() is None


def test_the_cpu_divider_reaches_core_timer_watchdog_and_machine(soc: W800, world: FakeWorld) -> None:
    heard: list[int] = []
    soc.on_clocks_changed = lambda: heard.append(soc.cpu_hz)
    store(soc, 0xE000_E014, 239)
    store(soc, 0xE000_E010, 1)
    store(soc, 0x4000_0E10, 0x8306_0302)
    assert heard == [240_000_000]
    world.clock.advance(1_000)
    assert load(soc, 0xE000_E010) & 1 << 16
    assert soc.apb_hz == 40_000_000


def test_the_watchdog_asks_for_a_reset(soc: W800, world: FakeWorld) -> None:
    causes: list[ResetCause] = []
    soc.on_reset_request = causes.append
    store(soc, 0x4001_1600, 0x100)
    store(soc, 0x4001_1608, 3)
    world.clock.advance(12_800 + RESET_DELAY_NS - 1)
    assert causes == []
    world.clock.advance(1)
    assert causes == [ResetCause.WATCHDOG]


def test_a_watchdog_reset_without_a_machine_resets_the_blocks(soc: W800, world: FakeWorld) -> None:
    store(soc, 0x4000_0D04, 5)
    store(soc, 0x4001_0600, 0xC3)
    store(soc, 0x4001_1600, 0x100)
    store(soc, 0x4001_1608, 3)
    world.clock.advance(12_800 + RESET_DELAY_NS)
    assert load(soc, 0x4001_0600) == 0
    assert load(soc, 0x4001_1608) == 0
    assert load(soc, 0x4000_0E1C) == 1
    assert load(soc, 0x4000_0D04) == 5
    soc.reset(ResetCause.POWER_ON)
    assert load(soc, 0x4000_0D04) == 0


def test_a_soft_reset_resets_that_block_alone(soc: W800) -> None:
    for base in (0x4001_0600, 0x4001_0800):
        store(soc, base, 0xC3)
    store(soc, 0x4000_0E0C, 0xFFFF_FFFF & ~(1 << 11))
    store(soc, 0x4000_0E0C, 0xFFFF_FFFF)
    assert (load(soc, 0x4001_0600), load(soc, 0x4001_0800)) == (0xC3, 0)


def test_every_soft_reset_bit_has_its_block(soc: W800) -> None:
    names = {name for name, field in soc.rcc.SoftReset.fields.items() if field.modelled}
    assert names - set(soc.devices) == {"gpio"}
    soc.gpio_b.write(soc.gpio_b.direction.offset, 1)
    store(soc, 0x4000_0E0C, 0)
    assert soc.gpio_b.direction.value == 0


def test_the_rtc_alarm_raises_the_interrupt_of_the_pmu(soc: W800, world: FakeWorld) -> None:
    store(soc, 0xE000_E100, 1 << Irq.PMU)
    store(soc, 0x4000_0D10, 24 << 8 | 7 | 1 << 16)
    store(soc, 0x4000_0D0C, 1 << 31 | 1 << 24 | 10)
    store(soc, 0x4000_0D10, 24 << 8 | 7 | 1 << 16)
    world.clock.advance(20 * SECOND_NS)
    assert load(soc, 0x4000_0D14) == 1 << 4
    assert soc.vic.pending_vector() == 32 + Irq.PMU


def test_standby_powers_all_but_the_always_on_domain_down_until_it_wakes(soc: W800, world: FakeWorld) -> None:
    events: list[object] = []
    soc.on_reset_request = events.append
    soc.on_power_mode = events.append
    store(soc, 0x4001_1600, 0x100)
    store(soc, 0x4001_1608, 3)
    store(soc, 0x4000_0D04, 2 | 1 << 16)
    store(soc, 0x4000_0D00, 1)
    assert events == [PowerMode.STANDBY]
    world.clock.advance(2 * SECOND_NS)
    assert events[1:] == [ResetCause.WAKE_UP, PowerMode.ACTIVE]
    assert load(soc, 0x4000_0D14) == 1 << 7 | 1


def test_sleep_keeps_everything(soc: W800, world: FakeWorld) -> None:
    modes: list[PowerMode] = []
    soc.on_power_mode = modes.append
    store(soc, 0x4001_0600, 0xC3)
    store(soc, 0x4000_0D08, 5 | 1 << 16)
    store(soc, 0x4000_0D00, 2)
    world.clock.advance(5_000_000)
    assert modes == [PowerMode.SLEEP, PowerMode.ACTIVE]
    assert load(soc, 0x4001_0600) == 0xC3


def test_sleep_stops_all_that_counts_but_what_wakes(soc: W800, world: FakeWorld) -> None:
    store(soc, 0xE000_E014, 79_999)
    store(soc, 0xE000_E010, 7)
    store(soc, 0xE000_E018, 0)
    store(soc, 0x4001_1600, 0xFFFF_0000)
    store(soc, 0x4001_1608, 3)
    store(soc, 0x4001_1808, 7)
    store(soc, 0x4001_1804, 1 << 1 | 1 << 2 | 1 << 3 | 1)
    before = [load(soc, address) for address in (0xE000_E018, 0x4001_1604, 0x4001_1820)]
    store(soc, 0xE000_E100, 1 << Irq.PMU)
    store(soc, 0x4000_0D04, 3600 | 1 << 16)
    store(soc, 0x4000_0D00, 2)
    world.clock.advance(3600 * SECOND_NS)
    assert [load(soc, address) for address in (0xE000_E018, 0x4001_1604, 0x4001_1820)] == before
    assert soc.vic.pending_vector() == 32 + Irq.PMU
    store(soc, 0x4000_0D14, 1)
    world.clock.advance(10_000_000)
    assert load(soc, 0xE000_E010) >> 16 == 1


def test_flash_data_appear_in_the_buffer_shared_with_rsa(soc: W800) -> None:
    store(soc, 0x4000_2000, 0x9F | 1 << 14 | 1 << 15 | 2 << 16)
    store(soc, 0x4000_2004, 1 << 8)
    assert load(soc, 0x4000_0000) & 0xFF_00FF == 0x15_0085


def test_absent_blocks_report_by_name(soc: W800, world: FakeWorld) -> None:
    assert load(soc, 0x4000_2404) == 0
    assert world.log.names == ["sdio_slave+0x4"]


def test_a_master_of_the_high_speed_spi_reaches_ram_by_the_wrapper(soc: W800, world: FakeWorld) -> None:
    master = HspiMaster(soc.hspi.exchange)
    store(soc, 0xE000_E100, 1 << Irq.SDIO_SLAVE)
    store(soc, 0x4000_2830, 0x2000_1000)
    store(soc, 0x4000_280C, 1)
    assert master.send_command(b"command!")
    assert world.memory.read(0x2000_1000, 8) == b"command!"
    assert soc.vic.pending_vector() == 32 + Irq.SDIO_SLAVE


def test_the_window_of_the_sdio_host_holds_its_data_buffer(soc: W800, world: FakeWorld) -> None:
    """512 bytes from 0x100 on: wm_sdh_reg_struct.h. All of its addresses are those of a FIFO."""
    store(soc, 0x4000_0CFC, 1)
    assert world.log.names == []
    assert load(soc, 0x4000_0B00) == 1


def test_a_snapshot_brings_the_whole_chip_back(soc: W800, world: FakeWorld) -> None:
    store(soc, 0x4000_0E10, 0x8306_0302)
    store(soc, 0xE000_E100, 1 << 16)
    store(soc, 0x4001_0600, 0xC3)
    store(soc, 0x4001_0614, 0)
    soc.uart0.receive(0x41)
    snapshot = soc.save()
    soc.reset()
    soc.restore(snapshot)
    assert soc.cpu_hz == 240_000_000
    assert soc.vic.pending_vector() == 48
    assert load(soc, 0x4001_0630) == 0x41


@pytest.mark.parametrize(
    ("channel", "counts_at", "request_of"),
    [(0, 0x4001_1E24, Request.PWM_CAPTURE0), (4, 0x4001_1E34, Request.PWM_CAPTURE1)],
)
def test_dma_fetches_what_pwm_captures(
    world: FakeWorld, channel: int, counts_at: int, request_of: Request
) -> None:
    """As pwm_capture_mode_dma has it, in wm_pwm_demo.c of wm-sdk-w80x."""
    memory = RamAndBlocks()
    memory.soc = soc = W800(world.clock, memory, world.log, flash=NorFlash())
    store(soc, 0x4000_0810, counts_at)
    store(soc, 0x4000_0814, memory.base)
    store(soc, 0x4000_0828, request_of << 2 | 1)
    store(soc, 0x4000_082C, 12 << 8 | 2 << 5 | 1 << 3)
    store(soc, 0x4000_0824, 1)
    store(soc, 0x4001_1E1C, 1 << 7)
    store(soc, 0x4001_1E38, 1 << 10 | 1 << 1)
    store(soc, 0x4001_1E08, 1 << 27 + channel | 1 << 24)
    for _ in range(3):
        for level, clocks in ((True, 400), (False, 100)):
            world.clock.advance(clocks * 25)
            soc.pwm.capture(channel, level)
    counts = [memory.content[offset : offset + 4].hex() for offset in (0, 4, 8)]
    assert counts == ["90010000", "90016400", "90016400"]
    assert load(soc, 0x4000_0804) & 0b10


def test_variants_have_the_flash_of_their_data_sheets() -> None:
    sizes = {name: variant.flash_size_bytes >> 20 for name, variant in VARIANTS.items()}
    sdk = {"w800": 2, "w801": 2, "w801s": 2, "w802": 2, "w803": 2, "w805": 1, "w806": 1, "w861": 2}
    assert sizes == sdk | {"air101": 2, "air103": 1, "air601": 1, "air6208": 16}
    assert not VARIANTS["w802"].has_flash


def test_packages_without_radio_report_that_it_is_used(world: FakeWorld) -> None:
    absent = VARIANTS["w806"].absent
    assert set(absent) <= set(W800.rows)
    soc = W800(world.clock, world.memory, world.log, flash=NorFlash(), absent=absent)
    assert {name for name, block in soc.devices.items() if isinstance(block, Absent)} >= set(absent)
    store(soc, 0x4001_1A00, 1)
    assert world.log.names == ["rf_spi+0x0"]
