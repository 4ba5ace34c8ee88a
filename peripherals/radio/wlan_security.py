"""Ciphers and frame queues of the WLAN. Sources: debug information of librf, libwlan; see docs/radio.md."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from peripherals.crypto import ccmp
from peripherals.crypto.ciphers import CipherUnavailableError
from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Environment, Line
from peripherals.framework.errors import BusError
from peripherals.framework.fields import ro, rw, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.radio import wlan_frames
from peripherals.radio.air import Air, ShieldedBox
from peripherals.radio.wlan_frames import CCMP, OWNED, Outgoing

_SEND_DELAY_NS: Final = 50_000
"""GUESS: from the start signal to the frame's end on the air."""
_MULTICAST_KEYS: Final = 0x20
_ADDRESSES: Final = 32
_PROTECTED: Final = 0x40


class Receiver(Protocol):
    """What the MAC tells of the receiver and takes of the transmitter."""

    @property
    def is_listening(self) -> bool:
        """Whether the receiver is on."""
        ...

    def accepts(self, frame: bytes) -> bool:
        """Whether its filters let the frame through."""
        ...

    def report(self, header: bytes, traffic: int, *, is_acknowledged: bool) -> None:
        """Write down what has become of a frame."""


class Synthesizer(Protocol):
    """What the analog radio tells."""

    @property
    def frequency_mhz(self) -> float:
        """What it is tuned to."""
        ...


class WlanSecurity(Peripheral):
    """Takes frames from the rings of the firmware, ciphers them, and puts those of others into its ring.

    `air` is where they go; `receiver` and `synthesizer` are the blocks beside it.
    """

    # fmt: off
    class Word(Register):
        word     = rw(31, 0)

    class KeyControl(Register):
        """Two keys that belong to an address, low half first."""

        other_cipher = rw(26, 25)
        other_valid  = rw(24)
        other_key    = rw(21, 16)
        cipher       = rw(10, 9, "0 WEP, 1 TKIP, 2 CCMP")
        valid        = rw(8)
        key          = rw(5, 0, "number of a unicast key; 0x20 + id: of a group key")

    class Control(Register):
        mode         = rw(31, 30, "3: no encryption")
        rest         = rw(29, 7)
        group_cipher = rw(6, 5)
        spare        = rw(4)
        group_valid  = rw(3, 0, "which group keys there are")

    class InterruptMask(Register):
        masked   = rw(31, 0)

    class InterruptStatus(Register):
        data_sent       = w1c(0)
        management_sent = w1c(1)
        received        = w1c(2)

    class DataRing(Register):
        address  = rw(31, 0, "of the first descriptor")

    class ManagementRing(Register):
        address  = rw(31, 0, "of the first descriptor")

    class ReceiveRing(Register):
        address  = rw(31, 0, "of the first descriptor")

    class Enable(Register):
        enabled  = rw(31, 0)

    class SendData(Register):
        go       = wo(0)

    class SendManagement(Register):
        go       = wo(0)

    class Receive(Register):
        look     = wo(0, doc="there are buffers again; 0 when reception ends")

    class Status(Register):
        word     = ro(31, 0)

    addresses        = at(0x000, Word, "byte k of address i: at 0x10 k + i, above 15 from 0x60 on", count=64)
    unicast_keys     = at(0x100, Word, "8 words each, the last byte of the key first", count=256)
    multicast_keys   = at(0x500, Word, "likewise", count=80)
    key_control      = at(0x640, KeyControl, "which keys belong to address i", count=_ADDRESSES)
    control          = at(0x6C0, Control)
    spare            = at(0x6C4, Word)
    interrupt_mask   = at(0x6C8, InterruptMask)
    interrupt_status = at(0x6CC, InterruptStatus)
    data_enable      = at(0x6D0, Enable, "frames go out without it, too")
    data_queue       = at(0x6D4, DataRing)
    send_data        = at(0x6D8, SendData)
    management_enable = at(0x6DC, Enable, "likewise")
    management_queue = at(0x6E0, ManagementRing)
    send_management  = at(0x6E4, SendManagement)
    receive_enable   = at(0x6E8, Enable)
    receive_queue    = at(0x6EC, ReceiveRing)
    receive_control  = at(0x6F0, Receive)
    status           = at(0x6F4, Status)
    # fmt: on

    saved_state = ("_data_at", "_management_at", "_receive_at", "_data_due", "_management_due")

    receiver: Receiver
    synthesizer: Synthesizer

    def __init__(self, name: str, environment: Environment, irq: Line, *_: Line) -> None:
        super().__init__(name, environment)
        self.air: Air = ShieldedBox()
        self._irq = irq
        self._data_at = self._management_at = self._receive_at = 0
        """The addresses of the descriptors that are next in the rings."""
        clock = environment.clock
        self._data_due = Deadline(clock, partial(self._guarded, self._send_data))
        self._management_due = Deadline(clock, partial(self._guarded, self._send_management))

    @property
    def frequency_mhz(self) -> float:
        """What the radio is tuned to."""
        return self.synthesizer.frequency_mhz

    @property
    def is_listening(self) -> bool:
        """Whether a frame could be heard now."""
        return bool(self.receive_enable.enabled & 1) and self.receiver.is_listening

    def transmit(self, frame: bytes) -> bool:
        """Send a frame as it is; whether it was acknowledged."""
        return self.air.transmit(frame, self.frequency_mhz)

    def receive(self, frame: bytes, signal_dbm: int) -> bool:
        """Hear an 802.11 frame without FCS; False if it was missed: not listening, or no buffer.

        One that is not for this station is heard and dropped.
        """
        if not self.is_listening or len(frame) < wlan_frames.LEAST_FRAME_BYTES:
            return False
        if len(frame) > wlan_frames.MOST_FRAME_BYTES:
            self.environment.log.unmodelled(f"{self.name}.receive", "a frame of several buffers is lost")
            return False
        try:
            return not self.receiver.accepts(frame) or self._store(frame, signal_dbm)
        except BusError as error:
            self._report_bad_ring(error)
            return False

    @on_write(DataRing)
    def _set_data_ring(self, _: int) -> None:
        self._data_at = self.data_queue.address

    @on_write(ManagementRing)
    def _set_management_ring(self, _: int) -> None:
        self._management_at = self.management_queue.address

    @on_write(ReceiveRing)
    def _set_receive_ring(self, _: int) -> None:
        self._receive_at = self.receive_queue.address

    @on_write(SendData)
    def _start_data(self, go: int) -> None:
        if go & 1 and self._data_due.due_ns is None:
            self._data_due.schedule(_SEND_DELAY_NS)

    @on_write(SendManagement)
    def _start_management(self, go: int) -> None:
        if go & 1 and self._management_due.due_ns is None:
            self._management_due.schedule(_SEND_DELAY_NS)

    @on_write(InterruptMask, InterruptStatus)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self.interrupt_status.value & ~self.interrupt_mask.masked))

    def _send_data(self) -> None:
        if (sent := self._send_next(self._data_at)) is not None:
            self._data_at = sent.next
            self.interrupt_status.data_sent = 1
            self._data_due.schedule(wlan_frames.air_time_ns(len(sent.frame), sent.rate))

    def _send_management(self) -> None:
        if (sent := self._send_next(self._management_at)) is not None:
            self._management_at = sent.next
            self.interrupt_status.management_sent = 1
            self._management_due.schedule(wlan_frames.air_time_ns(len(sent.frame), sent.rate))

    def _guarded(self, send: Callable[[], None]) -> None:
        try:
            send()
        except BusError as error:
            self._report_bad_ring(error)
        self._update_irq()

    def _send_next(self, address: int) -> Outgoing | None:
        """Send the frame of a descriptor and give the descriptor back; None if there is none."""
        outgoing = wlan_frames.read_outgoing(self.environment.memory, address)
        if outgoing is None:
            return None
        self.environment.memory.write(address, bytes(4))
        frame = self._protected(outgoing) if outgoing.is_encrypted else outgoing.frame
        is_acknowledged = bool(frame) and self.transmit(frame)
        is_over = is_acknowledged or not outgoing.is_acknowledged
        self.receiver.report(outgoing.frame, outgoing.traffic, is_acknowledged=is_over)
        return outgoing

    def _protected(self, outgoing: Outgoing) -> bytes:
        """The frame as it goes over the air; empty if it cannot be ciphered."""
        if outgoing.cipher != CCMP:
            self.environment.log.unmodelled(f"{self.name}.cipher", "WEP and TKIP: the frame is not sent")
            return b""
        if not ccmp.has_iv(outgoing.frame):
            self.environment.log.unmodelled(f"{self.name}.cipher", "no packet number: the frame is not sent")
            return b""
        try:
            return ccmp.protect(self._key(outgoing.key), outgoing.frame)
        except CipherUnavailableError as error:
            self.environment.log.unmodelled(f"{self.name}.cipher", str(error))
            return b""

    def _store(self, frame: bytes, signal_dbm: int) -> bool:
        """Put a frame into the next buffer; False if there is none."""
        memory, address = self.environment.memory, self._receive_at
        if not address:
            return False
        owner, buffer, following = struct.unpack("<3I", memory.read(address, 12))
        if not owner & OWNED:
            return False
        memory.write(buffer & 0x3FFF_FFFF, self._received(frame, signal_dbm))
        memory.write(address, struct.pack("<2I", 0, buffer & 0x3FFF_FFFF | 1 << 30))  # in one buffer
        self._receive_at = following
        self.interrupt_status.received = 1
        self._update_irq()
        return True

    def _received(self, frame: bytes, signal_dbm: int) -> bytes:
        if not frame[1] & _PROTECTED or not ccmp.has_iv(frame):
            return wlan_frames.received(frame, signal_dbm, None, is_decrypted=True)
        key = self._receive_key(frame)
        try:
            plain = None if key is None else ccmp.unprotect(self._key(key), frame)
        except CipherUnavailableError as error:
            self.environment.log.unmodelled(f"{self.name}.cipher", str(error))
            plain = None
        return wlan_frames.received(plain or frame, signal_dbm, CCMP, is_decrypted=plain is not None)

    def _receive_key(self, frame: bytes) -> int | None:
        """The number of the key for a frame that came in; None: there is none for CCMP."""
        if frame[4] & 1:
            key_id = frame[ccmp.header_bytes(frame) + 3] >> 6
            is_there = self.control.group_cipher == CCMP and self.control.group_valid >> key_id & 1
            return _MULTICAST_KEYS + key_id if is_there else None
        for number, control in enumerate(self.key_control):
            if control.valid and control.cipher == CCMP and self._address(number) == frame[10:16]:
                return control.key
        return None

    def _address(self, number: int) -> bytes:
        first = number if number < 16 else 0x60 + number - 16
        places = (first + 0x10 * byte for byte in range(6))
        return bytes(self.addresses[place >> 2].word >> 8 * (place & 3) & 0xFF for place in places)

    def _key(self, number: int) -> bytes:
        table = self.multicast_keys if number >= _MULTICAST_KEYS else self.unicast_keys
        first = number % _MULTICAST_KEYS * 8
        words = [table[first + word].word if first + word < len(table) else 0 for word in (3, 2, 1, 0)]
        return struct.pack(">4I", *words)

    def _report_bad_ring(self, error: BusError) -> None:
        self.environment.log.unmodelled(f"{self.name}.ring", f"a descriptor leads nowhere: {error}")

    def _on_reset(self, cause: ResetCause) -> None:
        self._data_at = self._management_at = self._receive_at = 0
        self._data_due.cancel()
        self._management_due.cancel()
        self._update_irq()
