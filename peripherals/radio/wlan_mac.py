"""Medium access control of the WLAN. Sources: debug information of librf, libwlan; see docs/radio.md."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Environment, Line
from peripherals.framework.errors import BusError
from peripherals.framework.fields import rw, unmodelled, w1c
from peripherals.framework.outlook import Count, Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

NS_PER_US = 1_000
_REPORTS: Final = 32
_REPORT_BYTES: Final = 20
_POWER_BITS, _RUNNING = 0x19F, 0x190
_BEACON: Final = 0x80


class WlanMac(Peripheral):
    """Decides when the receiver listens and to whom, and reports what has become of frames that were sent."""

    # fmt: off
    class RadioControl(Register):
        power            = rw(31, 0, "of the radio's parts; 0x190 in bits 0x19F: running")

    class Control(Register):
        is_ad_hoc        = unmodelled(0, doc="networks without an access point (IBSS)")
        is_access_point  = rw(1)
        is_synchronised  = rw(2)
        sends_beacons    = rw(3)
        rest             = rw(10, 4)
        all_beacons      = rw(11, doc="hears those of other networks, too")
        all_multicast    = rw(12)
        all_probes       = rw(13)
        everything       = rw(14, doc="hears what is for others")
        more             = rw(18, 15)
        transmitter_on   = rw(19)
        even_more        = rw(31, 20)

    class Setting(Register):
        word             = rw(31, 0)

    class InterruptSource(Register):
        before_beacon    = w1c(0, doc="never here")
        watchdog         = w1c(1, doc="never here")
        reported         = w1c(2)

    class InterruptMask(Register):
        masked           = rw(31, 0)

    class ReceiveCommand(Register):
        enabled          = rw(0)
        rest             = rw(31, 1)

    class Reports(Register):
        entries          = rw(31, 0)

    class TimeLow(Register):
        microseconds     = rw(31, 0)

    class TimeHigh(Register):
        microseconds     = rw(31, 0)

    control           = at(0x00, Control)
    response          = at(0x04, Setting, "rate and power of responses, CCA, watchdog", count=4)
    station_address   = at(0x14, Setting, count=2)
    bssid             = at(0x1C, Setting, "five networks, low and high part each", count=10)
    filters           = at(0x44, Setting, "enabled networks, multicast", count=3)
    timing            = at(0x50, Setting, "timers, time-outs, inter-frame spaces", count=4)
    beacon_period     = at(0x60, Setting, "in units of 1024 us")
    contention_spaces = at(0x64, Setting, "of the four access categories")
    receive_command   = at(0x68, ReceiveCommand)
    beacon_timing     = at(0x6C, Setting, "offset of the beacon, transmit opportunities", count=3)
    address_filters   = at(0x78, Setting, "transmitter, broadcast", count=4)
    beacon            = at(0x88, Setting, "address of the MAC descriptor of the soft AP's beacon")
    before_beacon     = at(0x8C, Setting, "how early an interrupt comes")
    interrupt_source  = at(0x90, InterruptSource)
    interrupt_mask    = at(0x94, InterruptMask)
    time_low          = at(0x98, TimeLow, "the time that beacons carry (TSF)")
    time_high         = at(0x9C, TimeHigh)
    contention        = at(0xA0, Setting, "windows of the four access categories, beacons", count=5)
    transmit_dma      = at(0xB4, Setting, "address of a descriptor")
    report_address    = at(0xB8, Setting, "32 reports of 20 bytes on frames that were sent")
    free_reports      = at(0xBC, Reports)
    new_reports       = at(0xC0, Reports)
    transmit_timing   = at(0xC4, Setting, count=2)
    radio_control     = at(0xCC, RadioControl)
    converter_control = at(0xD0, Setting)
    bluetooth_share   = at(0xD4, Setting, "who has the antenna")
    beacon_bssid      = at(0xD8, Setting, count=2)
    preamble          = at(0xE0, Setting, "status and count of received frames", count=2)
    # fmt: on

    saved_state = ("_epoch_us", "_next_report", "_beacon_due")

    def __init__(self, name: str, environment: Environment, irq: Line, *_: Line) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._epoch_us = 0
        self._next_report = 0
        self.transmit: Callable[[bytes], object] = lambda frame: None
        """Where beacons go."""
        self._beacon_due = Deadline(environment.clock, self._send_beacon)

    @property
    def is_listening(self) -> bool:
        """Whether the receiver is on."""
        is_running = self.radio_control.power & _POWER_BITS == _RUNNING
        return is_running and bool(self.receive_command.enabled)

    def accepts(self, frame: bytes) -> bool:
        """Whether a frame is for this station, or for a group: beacons of its own network, if it has one."""
        control, receiver = self.control, frame[4:10]
        if control.everything:
            return True
        if frame[0] == _BEACON:
            return bool(control.all_beacons) or frame[16:22] == _address(self.beacon_bssid)
        return bool(receiver[:1] and receiver[0] & 1) or receiver in self._own_addresses

    @property
    def _own_addresses(self) -> tuple[bytes, bytes]:
        """As a station, and as a soft AP."""
        return _address(self.station_address), _address(self.bssid[2:4])

    def report(self, header: bytes, traffic: int, *, is_acknowledged: bool) -> None:
        """Fill the next free report: bits 24 sent, 25 given up after all tries."""
        free, new = self.free_reports, self.new_reports
        order = ((self._next_report + step) % _REPORTS for step in range(_REPORTS))
        number = next((each for each in order if free.entries & ~new.entries & 1 << each), None)
        if number is None:
            return
        sequence = int.from_bytes(header[22:24], "little") >> 4
        outcome = 1 << 24 if is_acknowledged else 1 << 25
        content = struct.pack("<5I", traffic | sequence << 4, 0, 0, 0, outcome)
        try:
            self.environment.memory.write(self.report_address.word + number * _REPORT_BYTES, content)
        except BusError as error:
            self.environment.log.unmodelled(f"{self.name}.report_address", f"leads nowhere: {error}")
        self._next_report = number + 1
        free.entries &= ~(1 << number)
        new.entries |= 1 << number
        self.interrupt_source.reported = 1
        self._update_irq()

    @on_write(InterruptSource, InterruptMask)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self.interrupt_source.value & ~self.interrupt_mask.masked))

    @on_write(Control)
    def _plan_beacon(self, _: int = 0) -> None:
        is_planned = self._beacon_due.due_ns is not None
        if self.control.sends_beacons and not is_planned:
            self._beacon_due.schedule((self.beacon_period.word or 100) * 1024 * NS_PER_US)
        elif is_planned and not self.control.sends_beacons:
            self._beacon_due.cancel()

    def _send_beacon(self) -> None:
        """Send the frame of the descriptor with the time in it."""
        self._plan_beacon()
        if self.radio_control.power & _POWER_BITS != _RUNNING:
            return
        memory, address = self.environment.memory, self.beacon.word
        try:
            length = int.from_bytes(memory.read(address + 8, 2), "little") & 0xFFF
            frame = memory.read(address + 32, length)
        except BusError as error:
            self.environment.log.unmodelled(f"{self.name}.beacon", f"leads nowhere: {error}")
            return
        # GUESS: the hardware puts a traffic map in, too; here no station sleeps.
        self.transmit(frame[:24] + self._time_us.to_bytes(8, "little") + frame[32:])

    def _on_reset(self, cause: ResetCause) -> None:
        self._next_report = 0
        self._beacon_due.cancel()
        self._update_irq()

    @on_read(TimeLow)
    def _read_low(self) -> int:
        return self._time_us & 0xFFFF_FFFF

    @on_outlook(TimeLow)
    def _foresee_low(self) -> Outlook:
        begun_us = self._now_us - (self._time_us & 0xFFFF_FFFF)
        return Outlook(self._carry_ns, Count(-begun_us * NS_PER_US, 1, NS_PER_US))

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


def _address(registers: Sequence[Register]) -> bytes:
    """The MAC address in two words, its first byte lowest."""
    low, high = registers
    return struct.pack("<2I", low.value, high.value)[:6]
