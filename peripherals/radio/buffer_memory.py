"""Where the WLAN keeps frames in RAM. Layout: debug information of librf; see docs/radio.md."""

from __future__ import annotations

from peripherals.framework.fields import rw
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at


class BufferMemory(Peripheral):
    """Keeps addresses, numbers and sizes of the MAC's own buffers, which the model does without."""

    # fmt: off
    class Word(Register):
        word     = rw(31, 0)

    class Counts(Register):
        transmit = rw(15, 8)
        receive  = rw(7, 0)

    class Sizes(Register):
        transmit = rw(31, 16)
        receive  = rw(15, 0)

    transmit_buffers = at(0x00, Word)
    receive_buffers  = at(0x04, Word)
    counts           = at(0x08, Counts)
    sizes            = at(0x0C, Sizes)
    aggregation      = at(0x10, Word)
    enable           = at(0x14, Word)
    # fmt: on
