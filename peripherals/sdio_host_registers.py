"""The registers of the SDIO host. Layout: wm_sdh_reg_struct.h (wm_iot_sdk)."""

from __future__ import annotations

from typing import Final

from peripherals.framework.fields import ro, rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at

BUFFER_BYTES: Final = 512
BUFFER_WORDS: Final = BUFFER_BYTES // 4
_TIMEOUT_SCALES_NS: Final = (1_000, 100_000, 10_000_000, 1_000_000_000)


class SdioHostRegisters(Peripheral):
    """The register map, and what it says about clock, blocks and time-outs."""

    # fmt: off
    class Control(Register):
        read_wait        = unmodelled(10, doc="cards are for memory: none asks to wait")
        io_interrupt     = unmodelled(9, doc="cards are for memory: none interrupts by DAT1")
        io_mode          = unmodelled(8, doc="cards are for memory: no I/O")
        four_lines       = rw(7)
        high_speed       = rw(6, doc="the clock is made of the CPU's, else of 1 MHz")
        clock_divider    = rw(5, 3, "bit clock = its source / (2 * (divider + 1))")
        open_drain       = unmodelled(2, doc="levels of the wires are not modelled")
        automatic        = unmodelled(1, doc="0 would have software make the signals")
        sd_mode          = rw(0, doc="0: SPI")

    class Io(Register):
        abort            = rw(9, doc="marks CMD12; the block does the same without")
        with_data        = rw(8, doc="marks commands with data; likewise")
        transfer         = rw(7, doc="likewise")  # GUESS: both drivers send commands with and without it
        receive_response = rw(6)
        null_clocks_only = rw(5, doc="8 clocks instead of a command")
        long_response    = rw(4, doc="of 136 bits: CID or CSD")
        response_only    = rw(3, doc="receives the response of the last command")
        null_clocks      = rw(2, doc="8 clocks behind command and response")
        read             = rw(1)
        data             = rw(0, doc="moves a block; 0 again at its end")

    class ByteCount(Register):
        bytes            = rw(15, 0, "of a block; of all in SPI mode")

    class BlocksDone(Register):
        blocks           = ro(15, 0)

    class CrcControl(Register):
        command_check    = rw(7)
        data_check       = rw(6)
        stop_at_error    = rw(5, doc="of the CRC status behind a block that is written")
        early_response   = unmodelled(4, doc="commands and blocks do not overlap")
        selection        = unmodelled(3, 2, "checksums of data are not kept")
        command_error    = ro(1)
        data_error       = ro(0)

    class CommandCrc(Register):
        crc              = ro(6, 0)

    class DataCrc(Register):
        crc              = unmodelled(7, 0, "checksums of data are not kept")

    class Port(Register):
        levels           = unmodelled(7, 5, "for software that makes the signals itself")
        response_timeout = rw(4)
        timeout_clocks   = rw(3, 0)

    class InterruptMask(Register):
        """1 lets the flag of the same place through."""

        enabled          = rw(8, 0)

    class Interrupts(Register):
        io               = w1c(8, doc="never: cards are for memory")
        crc_status       = w1c(7)
        response_timeout = w1c(6)
        data_timeout     = w1c(5)
        blocks_done      = w1c(4)
        command_crc      = w1c(3, doc="also of responses that have none, such as ACMD41's")
        data_crc         = w1c(2)
        data_done        = w1c(1)
        command_done     = w1c(0)

    class CardSelect(Register):
        enable           = rw(7)
        clock_enable     = rw(6)
        time_base        = rw(5, 0, "1 MHz = CPU clock / (2 * (time_base + 1))")

    class Signals(Register):
        command          = ro(7)
        crc_status       = ro(6, 4)
        lines            = ro(3, 0, "DAT3 to DAT0; DAT0 is low while the card is busy")

    class MultiBlock(Register):
        data_timeout     = rw(7, 6, "unit: 1 us, 100 us, 10 ms, 1 s")
        busy_timeout     = rw(5, 4, "likewise")
        clock_polarity   = unmodelled(3, doc="blocks are exchanged whole")
        command_first    = rw(2, doc="sends the command, then moves the blocks")
        read             = rw(1)
        blocks           = rw(0, doc="moves blocks; 0 again at their end")

    class BlockCount(Register):
        blocks           = rw(15, 0)

    class TimeoutCount(Register):
        count            = rw(7, 0)

    class CommandBuffer(Register):
        byte             = rw(7, 0)

    class BufferControl(Register):
        flush            = wo(15)
        dma_masked       = rw(14)
        status_mask      = unmodelled(12, doc="full and empty are told in both directions")
        write            = rw(11, doc="which way software, or the DMA, moves words")
        dma              = rw(10, doc="0 again at the end of a transfer")
        dma_level        = rw(9, 2, "words, or room for them, from which on the DMA is asked")
        empty            = ro(1)
        full             = ro(0)

    class Buffer(Register):
        """A FIFO; all of its addresses are the same."""

        word             = rw(31, 0)

    control          = at(0x00, Control, reset=0x02)
    io               = at(0x04, Io)
    byte_count       = at(0x08, ByteCount, reset=BUFFER_BYTES)  # GUESS: drivers do not set it to read
    blocks_done      = at(0x0C, BlocksDone)
    crc_control      = at(0x10, CrcControl)
    command_crc      = at(0x14, CommandCrc)
    data_crc         = at(0x18, DataCrc, "low, high", count=2)
    port             = at(0x20, Port)
    interrupt_mask   = at(0x24, InterruptMask)
    interrupts       = at(0x28, Interrupts)
    card_select      = at(0x2C, CardSelect)
    signals          = at(0x30, Signals)
    multi_block      = at(0x34, MultiBlock)
    block_count      = at(0x38, BlockCount)
    timeout_count    = at(0x3C, TimeoutCount)
    command_buffer   = at(0x40, CommandBuffer, "argument, low byte first; command", count=16)
    buffer_control   = at(0x80, BufferControl)
    buffer           = at(0x100, Buffer, count=BUFFER_WORDS)
    # fmt: on

    @property
    def bit_hz(self) -> int:
        """The clock on the wires."""
        source_hz = self.environment.frequencies.cpu_hz
        if not self.control.high_speed:
            source_hz //= 2 * (self.card_select.time_base + 1)
        return source_hz // (2 * (self.control.clock_divider + 1)) or 1

    @property
    def lines(self) -> int:
        """How many carry data."""
        return 4 if self.control.four_lines else 1

    @property
    def block_bytes(self) -> int:
        """How much goes at once: a block, which is no longer than the buffer; in SPI mode what fits."""
        is_any = not self.control.sd_mode or not self.byte_count.bytes
        return BUFFER_BYTES if is_any else min(self.byte_count.bytes, BUFFER_BYTES)

    def timeout_ns(self, scale: int) -> int:
        """How long to wait for the card, in units of that scale; 0: for ever."""  # GUESS: a count of 0
        return _TIMEOUT_SCALES_NS[scale] * self.timeout_count.count
