"""The W800 as its memory map. Bases: wm_regs_base.h, wm_dt_hw.c (UART5), core_804.h (from 0xE000_0000).

Blocks that only the prebuilt radio libraries of wm_iot_sdk know are named after what those do with them.
"""

from __future__ import annotations

from collections.abc import Collection

from emu.soc.irq import Irq
from emu.soc.soc import Soc, device
from peripherals.absent import Absent
from peripherals.adc import Adc
from peripherals.cache import Cache
from peripherals.core_timer import CoreTimer
from peripherals.dma import Dma, Request
from peripherals.flash_controller import FlashController
from peripherals.framework.environment import AccessLog, Clock, Environment, Line, MasterPort
from peripherals.framework.reset import ResetCause
from peripherals.gpio import Gpio
from peripherals.gpsec import Gpsec
from peripherals.hspi import Hspi
from peripherals.i2c import I2c
from peripherals.i2s import I2s
from peripherals.lcd import Lcd
from peripherals.nor_flash import NorFlash
from peripherals.pmu import Pmu, PowerMode
from peripherals.psram import Psram
from peripherals.pwm import Pwm
from peripherals.radio.base_band import BaseBand
from peripherals.radio.bluetooth import Bluetooth
from peripherals.radio.bluetooth_le import BluetoothLe
from peripherals.radio.buffer_memory import BufferMemory
from peripherals.radio.rf_spi import RfSpi
from peripherals.radio.sample_memory import SampleMemory
from peripherals.radio.wlan_mac import WlanMac
from peripherals.radio.wlan_security import WlanSecurity
from peripherals.rcc import Rcc
from peripherals.rsa import Rsa
from peripherals.rtc import Rtc
from peripherals.sdio_host import SdioHost
from peripherals.sdio_wrapper import SdioWrapper
from peripherals.shared_buffer import SharedBuffer
from peripherals.spi import Spi
from peripherals.timer import Timers
from peripherals.touch import Touch
from peripherals.uart import Uart
from peripherals.vic import VectorInterruptController
from peripherals.watchdog import Watchdog

DEVICE_RANGES = ((0x4000_0000, 0x3_C000), (0xE000_C000, 0x8000))
"""Base and size of the address ranges in which all devices lie."""


def _dma(name: str, environment: Environment, *irqs: Line) -> Dma:
    return Dma(name, environment, irqs)


class W800(Soc):
    """The chip around the CPU: `flash` is its flash device, `seed` makes its random numbers.

    The blocks that are `absent` in its package only report that they are used.
    """

    # fmt: off
    #                         base         model   interrupt
    shared_buffer    = device(0x4000_0000, SharedBuffer, size=0x400)
    rsa              = device(0x4000_0400, Rsa,    Irq.RSA, parts=("shared_buffer",))
    gpsec            = device(0x4000_0600, Gpsec,  Irq.GPSEC, parts=("seed",))
    dma              = device(0x4000_0800, _dma,   Irq.DMA_CHANNEL0, Irq.DMA_CHANNEL1, Irq.DMA_CHANNEL2,
                                                   Irq.DMA_CHANNEL3, Irq.DMA_CHANNEL4_7)
    sdio_host        = device(0x4000_0A00, SdioHost, Irq.SDIO_HOST, size=0x300)
    pmu              = device(0x4000_0D00, Pmu,    Irq.PMU, size=0x100)
    rtc              = device(0x4000_0D0C, Rtc,    size=8, parts=("alarm",))
    rcc              = device(0x4000_0E00, Rcc,    size=0x100)
    buffer_memory    = device(0x4000_0F00, BufferMemory, size=0x100)
    base_band        = device(0x4000_1000, BaseBand, size=0x400)
    wlan_mac         = device(0x4000_1400, WlanMac, Irq.MAC, size=0x400)
    wlan_security    = device(0x4000_1800, WlanSecurity, Irq.SECURITY, size=0x800)
    flash_controller = device(0x4000_2000, FlashController, parts=("flash", "shared_buffer"))
    psram            = device(0x4000_2200, Psram)
    sdio_slave       = device(0x4000_2400, Absent)
    hspi             = device(0x4000_2600, Hspi,   Irq.HSPI)
    sdio_wrapper     = device(0x4000_2800, SdioWrapper, Irq.SDIO_SLAVE)
    bluetooth        = device(0x4000_2A00, Bluetooth, Irq.BLUETOOTH)
    bluetooth_le     = device(0x4000_6200, BluetoothLe, Irq.BLUETOOTH_LE, size=0x4800)
    i2c              = device(0x4001_0000, I2c,    Irq.I2C)
    adc              = device(0x4001_0200, Adc,    Irq.ADC)
    spi              = device(0x4001_0400, Spi,    Irq.SPI)
    uart0            = device(0x4001_0600, Uart,   Irq.UART0)
    uart1            = device(0x4001_0800, Uart,   Irq.UART1)
    uart2            = device(0x4001_0A00, Uart,   Irq.UART2_5)
    uart3            = device(0x4001_0C00, Uart,   Irq.UART2_5)
    uart4            = device(0x4001_0E00, Uart,   Irq.UART2_5)
    uart5            = device(0x4001_1000, Uart,   Irq.UART2_5)
    gpio_a           = device(0x4001_1200, Gpio,   Irq.GPIO_A)
    gpio_b           = device(0x4001_1400, Gpio,   Irq.GPIO_B)
    watchdog         = device(0x4001_1600, Watchdog, Irq.WATCHDOG)
    timers           = device(0x4001_1800, Timers, Irq.TIMERS)
    rf_spi           = device(0x4001_1A00, RfSpi,  Irq.RF_SPI)
    lcd              = device(0x4001_1C00, Lcd)
    pwm              = device(0x4001_1E00, Pwm,    Irq.PWM)
    i2s              = device(0x4001_2000, I2s,    Irq.I2S)
    apb_to_spi       = device(0x4001_2200, Absent)
    touch            = device(0x4001_2400, Touch,  Irq.TOUCH)
    sample_memory    = device(0x4001_4000, SampleMemory, size=0x9000)
    core_timer       = device(0xE000_E010, CoreTimer, Irq.CORE_TIMER, size=0x10)
    vic              = device(0xE000_E100, VectorInterruptController, size=0xE00)
    cache            = device(0xE000_F000, Cache,  size=0x1000)
    debug_channel    = device(0xE001_1000, Absent)
    # fmt: on

    def __init__(
        self,
        clock: Clock,
        memory: MasterPort,
        log: AccessLog,
        *,
        flash: NorFlash,
        seed: int = 0,
        absent: Collection[str] = (),
    ) -> None:
        super().__init__(clock, memory, log, absent, flash=flash, seed=seed, alarm=self._rtc_alarm)
        self.watchdog.request_reset = lambda: self.on_reset_request(ResetCause.WATCHDOG)
        self.rcc.request_reset = self._reset_block
        self.pmu.on_sleep = self._sleep
        self.pmu.on_wake = self._wake
        for number, uart in enumerate(self.uarts):
            uart.tx_request = self.dma.request_line(Request.UART_TX, number)
            uart.rx_request = self.dma.request_line(Request.UART_RX, number)
        self.sdio_host.dma_request = self.dma.request_line(Request.SDIO_HOST)
        self.hspi.connect(self.sdio_wrapper)
        self._connect_wlan()
        self.spi.tx_request = self.dma.request_line(Request.LSPI_TX)
        self.spi.rx_request = self.dma.request_line(Request.LSPI_RX)
        self.spi.tx_ahead = lambda most_bytes: self.dma.take_ahead(Request.LSPI_TX, most_bytes)
        for line, request in zip(self.pwm.inputs, (Request.PWM_CAPTURE0, Request.PWM_CAPTURE1), strict=True):
            line.request = self.dma.request_line(request)
        self.i2s.bit_hz = lambda: self.rcc.i2s_bit_hz
        self.i2s.tx_request = self.dma.request_line(Request.I2S_TX)
        self.i2s.rx_request = self.dma.request_line(Request.I2S_RX)
        self.reset(ResetCause.POWER_ON)

    def _connect_wlan(self) -> None:
        if isinstance(self.wlan_security, WlanSecurity):  # the package may do without
            self.wlan_security.receiver = self.wlan_mac
            self.wlan_security.synthesizer = self.rf_spi
            self.wlan_mac.transmit = self.wlan_security.transmit

    @property
    def uarts(self) -> tuple[Uart, ...]:
        """UART 0 to 5."""
        return self.uart0, self.uart1, self.uart2, self.uart3, self.uart4, self.uart5

    def _rtc_alarm(self, level: bool) -> None:
        self.pmu.rtc_alarm(level)

    def _reset_block(self, name: str) -> None:
        for block in ("gpio_a", "gpio_b") if name == "gpio" else (name,):
            self.devices[block].reset(ResetCause.SOFTWARE)

    def _sleep(self, mode: PowerMode) -> None:
        if mode is PowerMode.STANDBY:  # the power of all others goes now, so that no watchdog barks meanwhile
            for block in self.devices.values():
                if block is not self.pmu:
                    block.reset(ResetCause.WAKE_UP)
        else:
            self._stop_clocks(True)
        self.on_power_mode(mode)

    def _wake(self, mode: PowerMode) -> None:
        if mode is PowerMode.STANDBY:
            self.on_reset_request(ResetCause.WAKE_UP)
        else:
            self._stop_clocks(False)
        self.on_power_mode(PowerMode.ACTIVE)

    def _stop_clocks(self, are_stopped: bool) -> None:
        # low_power.rst (wm_iot_sdk): in deep sleep those of CPU and peripherals are off; wm_pm.c makes up for
        # ticks that the core timer has missed. The always-on domain has a clock of its own.
        for block in self.devices.values():
            block.clocks_stopped(are_stopped)
