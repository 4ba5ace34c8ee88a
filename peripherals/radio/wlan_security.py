"""Ciphers and frame queues of the WLAN. Layout: debug information of librf; see docs/radio.md."""

from __future__ import annotations

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import rw, unmodelled, w1c
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at


class WlanSecurity(Peripheral):
    """Keeps keys and queue addresses; frames to be sent go nowhere, none comes, so it never interrupts."""

    # fmt: off
    class Word(Register):
        word     = rw(31, 0)

    class InterruptStatus(Register):
        events   = w1c(31, 0, "frames encrypted or decrypted; none ever is")

    class Send(Register):
        go       = unmodelled(0, doc="frames are taken, and never reported as sent")

    addresses        = at(0x000, Word, "MAC addresses that belong to the keys", count=64)
    unicast_keys     = at(0x100, Word, count=256)
    multicast_keys   = at(0x500, Word, count=80)
    key_control      = at(0x640, Word, count=32)
    control          = at(0x6C0, Word, count=2)
    interrupt_mask   = at(0x6C8, Word)
    interrupt_status = at(0x6CC, InterruptStatus)
    data_enable      = at(0x6D0, Word)
    data_queue       = at(0x6D4, Word, "address of the first descriptor")
    send_data        = at(0x6D8, Send)
    management_enable = at(0x6DC, Word)
    management_queue = at(0x6E0, Word, "address of the first descriptor")
    send_management  = at(0x6E4, Send)
    receive_enable   = at(0x6E8, Word)
    receive_queue    = at(0x6EC, Word, "address of the first descriptor")
    receive          = at(0x6F0, Word)
    status           = at(0x6F4, Word)
    # fmt: on

    def __init__(self, name: str, environment: Environment, *_: Line) -> None:
        super().__init__(name, environment)
