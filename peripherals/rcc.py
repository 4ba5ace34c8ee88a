"""Reset and clock control. Layout: wm_rcc_reg_struct.h; the clock tree: wm_hal_rcc.c (wm_iot_sdk)."""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.environment import Environment
from peripherals.framework.fields import ro, rw, unmodelled, wo
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

PLL_HZ = 480_000_000


class Rcc(Peripheral):
    """Divides the 480 MHz PLL: `cpu_hz` and `apb_hz` tell the result, `on_change` that it is another one.

    `request_reset` gets the names of the blocks that software holds in reset.
    """

    # fmt: off
    class ClockEnable(Register):
        gates            = unmodelled(21, 0, "blocks run without their clocks, too")

    class ClockMask(Register):
        cpu              = unmodelled(6, doc="blocks run without their clocks, too")
        sdio_ahb         = unmodelled(1, doc="blocks run without their clocks, too")
        pmu              = unmodelled(0, doc="blocks run without their clocks, too")

    class Unnamed(Register):
        word             = unmodelled(31, 0, "not described; soc_init writes 0xF")

    class SoftReset(Register):
        """0 holds the block in reset, 1 releases it."""

        touch            = rw(31)
        flash_controller = rw(30)
        bluetooth        = rw(29)
        psram            = rw(28)
        sdio_host        = rw(27)
        gpsec            = rw(26)
        rsa              = rw(25)
        i2s              = rw(24)
        lcd              = rw(23)
        pwm              = rw(22)
        adc              = rw(21)
        timers           = rw(20)
        gpio             = rw(19)
        rf_spi           = rw(18)
        hspi             = rw(17)
        spi              = rw(16)
        uart5            = rw(15)
        uart4            = rw(14)
        uart3            = rw(13)
        uart2            = rw(12)
        uart1            = rw(11)
        uart0            = rw(10)
        i2c              = rw(9)
        buses            = unmodelled(8, 5, "buses have nothing to reset")
        dma              = rw(4)
        sdio_slave       = rw(3)
        security         = unmodelled(2, doc="the radio's registers keep what they hold")
        mac              = unmodelled(1, doc="the radio's registers keep what they hold")
        base_band        = unmodelled(0, doc="the radio's registers keep what they hold")

    class ClockDivider(Register):
        update           = rw(31, doc="1 lets new dividers take effect, then the chip clears it")
        peripheral       = rw(27, 24)
        bus_factor       = rw(23, 16, "CPU clock / APB clock")
        wlan             = rw(15, 8)
        cpu              = rw(7, 0)

    class DebugControl(Register):
        jtag             = unmodelled(16, doc="there is no JTAG port")
        adc_divider      = unmodelled(15, 8, "conversions take the same time")
        flash_80mhz      = unmodelled(6, doc="flash transfers take the same time")
        gpsec_160mhz     = unmodelled(5, doc="GPSEC jobs take the time of 80 MHz")
        rsa_160mhz       = unmodelled(4, doc="RSA products take the time of 80 MHz")

    class I2sControl(Register):
        bclk_divider     = rw(17, 8)
        mclk_divider     = unmodelled(7, 2, "no codec is there that needs a clock")
        mclk_enable      = unmodelled(1, doc="no codec is there that needs a clock")
        external_crystal = unmodelled(0, doc="the bit clock comes from the PLL")

    class ResetState(Register, always_on=True):
        clear_cpu        = wo(17, 8)
        clear_watchdog   = wo(7, 2)
        cpu              = ro(1)
        watchdog         = ro(0)

    # Reset values: W806 manual, 5.4. GUESS: there all blocks are held in reset, here the ROM has let them go.
    clock_enable  = at(0x00, ClockEnable, reset=0x003F_FFFF)
    clock_mask    = at(0x04, ClockMask, reset=0x0000_0043)
    unnamed       = at(0x08, Unnamed)
    soft_reset    = at(0x0C, SoftReset, reset=0xFFFF_FFFF)
    clock_divider = at(0x10, ClockDivider, reset=0x0302_0306)
    debug_control = at(0x14, DebugControl, reset=0x0000_0A00)
    i2s_control   = at(0x18, I2sControl)
    reset_state   = at(0x1C, ResetState)
    # fmt: on

    saved_state = ("cpu_hz", "apb_hz", "drift_ppm")

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
        self.on_change: Callable[[], None] = lambda: None
        self.request_reset: Callable[[str], None] = lambda block: None
        self.cpu_hz = self.apb_hz = self.drift_ppm = 0
        self._divide()

    @property
    def _pll_hz(self) -> int:
        return PLL_HZ * (1_000_000 + self.drift_ppm) // 1_000_000

    @property
    def i2s_bit_hz(self) -> int:
        """What I2S shifts on, as wm_drv_ops_i2s.c divides it; 0 before it is set."""
        peripheral_hz = self._pll_hz // (self.clock_divider.peripheral or 1)
        return peripheral_hz // self.i2s_control.bclk_divider if self.i2s_control.bclk_divider else 0

    def drift(self, ppm: int) -> None:
        """Let all that is made of the crystal be faster by millionths; less than 0: slower."""
        self.drift_ppm = ppm
        self._divide()

    @on_write(I2sControl)
    def _set_bit_clock(self, _: int) -> None:
        self.on_change()

    @on_write(ClockDivider)
    def _set_dividers(self, _: int) -> None:
        if self.clock_divider.update:
            self.clock_divider.update = 0  # W806 manual, 5.4.5
            self._divide()

    def _divide(self) -> None:
        # A divider of 0 is not described; dividing by 1 at least keeps time going.
        cpu_hz = self._pll_hz // (self.clock_divider.cpu or 1)
        apb_hz = cpu_hz // (self.clock_divider.bus_factor or 1)
        if (cpu_hz, apb_hz) != (self.cpu_hz, self.apb_hz):
            self.cpu_hz, self.apb_hz = cpu_hz, apb_hz
            self.on_change()

    @on_write(SoftReset)
    def _hold_in_reset(self, _: int) -> None:
        for name, field in self.SoftReset.fields.items():
            if field.modelled and not self.soft_reset.value & field.mask:
                self.request_reset(name)

    @on_write(ResetState)
    def _clear_state(self, _: int) -> None:
        if self.reset_state.clear_watchdog:
            self.reset_state.watchdog = 0
        if self.reset_state.clear_cpu:
            self.reset_state.cpu = 0

    def _on_reset(self, cause: ResetCause) -> None:
        self.reset_state.watchdog |= cause is ResetCause.WATCHDOG
        self._divide()
