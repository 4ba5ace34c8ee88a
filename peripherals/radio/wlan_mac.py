"""Medium access control of the WLAN. Layout: debug information of librf; see docs/radio.md."""

from __future__ import annotations

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import rw, unmodelled, w1c
from peripherals.framework.outlook import Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at

NS_PER_US = 1_000


class WlanMac(Peripheral):
    """Keeps addresses, filters and timing; receives nothing and so never interrupts."""

    # fmt: off
    class RadioControl(Register):
        power            = unmodelled(31, 0, "the radio's parts, which are not there; 0x190 means running")

    class Control(Register):
        reception        = unmodelled(31, 0, "what to receive and answer; nothing comes in")

    class Setting(Register):
        word             = rw(31, 0)

    class InterruptSource(Register):
        events           = w1c(31, 0, "frames, beacon times; none ever comes")

    class InterruptMask(Register):
        masked           = rw(31, 0)

    class TimeLow(Register):
        microseconds     = rw(31, 0)

    class TimeHigh(Register):
        microseconds     = rw(31, 0)

    control           = at(0x00, Control)
    response          = at(0x04, Setting, "rate and power of responses, CCA, watchdog", count=4)
    station_address   = at(0x14, Setting, count=2)
    bssid             = at(0x1C, Setting, "five networks, low and high part each", count=10)
    filters           = at(0x44, Setting, "enabled networks, multicast", count=3)
    timing            = at(0x50, Setting, "timers, time-outs, beacon period, inter-frame spaces", count=6)
    receive_command   = at(0x68, Setting, "read while the firmware changes the receiver")
    beacon_timing     = at(0x6C, Setting, "offset of the beacon, transmit opportunities", count=3)
    address_filters   = at(0x78, Setting, "transmitter, broadcast", count=4)
    beacon            = at(0x88, Setting, "address of its descriptor, interrupts ahead of it", count=2)
    interrupt_source  = at(0x90, InterruptSource)
    interrupt_mask    = at(0x94, InterruptMask)
    time_low          = at(0x98, TimeLow, "the time that beacons carry (TSF)")
    time_high         = at(0x9C, TimeHigh)
    contention        = at(0xA0, Setting, "windows of the four access categories, beacons", count=5)
    transmit_dma      = at(0xB4, Setting, "addresses of descriptors", count=2)
    transmit_queue    = at(0xBC, Setting, "bit maps of descriptors: waiting, sent", count=2)
    transmit_timing   = at(0xC4, Setting, count=2)
    radio_control     = at(0xCC, RadioControl)
    converter_control = at(0xD0, Setting)
    bluetooth_share   = at(0xD4, Setting, "who has the antenna")
    beacon_bssid      = at(0xD8, Setting, count=2)
    preamble          = at(0xE0, Setting, "status and count of received frames", count=2)
    # fmt: on

    saved_state = ("_epoch_us",)

    def __init__(self, name: str, environment: Environment, *_: Line) -> None:
        super().__init__(name, environment)
        self._epoch_us = 0

    @on_read(TimeLow)
    def _read_low(self) -> int:
        return self._time_us & 0xFFFF_FFFF

    @on_outlook(TimeLow)
    def _foresee_low(self) -> Outlook:
        begun_us = self._now_us - (self._time_us & 0xFFFF_FFFF)
        return Outlook(self._carry_ns, lambda time_ns: time_ns // NS_PER_US - begun_us)

    @on_read(TimeHigh)
    def _read_high(self) -> int:
        return self._time_us >> 32

    @on_outlook(TimeHigh)
    def _foresee_high(self) -> Outlook:
        return Outlook(self._carry_ns)

    @property
    def _carry_ns(self) -> int:
        """When the low half begins anew."""
        return (self._now_us + (1 << 32) - (self._time_us & 0xFFFF_FFFF)) * NS_PER_US

    @on_write(TimeLow)
    def _set_low(self, low: int) -> None:
        self._set_time(self._time_us & ~0xFFFF_FFFF | low)

    @on_write(TimeHigh)
    def _set_high(self, high: int) -> None:
        self._set_time(self._time_us & 0xFFFF_FFFF | high << 32)

    @property
    def _time_us(self) -> int:
        # GUESS: it always runs. IEEE 802.11 defines the count; the SDK does not say what starts it.
        return self._now_us - self._epoch_us & (1 << 64) - 1

    @property
    def _now_us(self) -> int:
        return self.environment.clock.now_ns // NS_PER_US

    def _set_time(self, time_us: int) -> None:
        self._epoch_us = self._now_us - time_us
