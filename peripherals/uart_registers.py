"""The registers of a UART. Layout: wm_uart_reg_struct.h (wm_iot_sdk)."""

from __future__ import annotations

from enum import IntEnum

from peripherals.framework.fields import choice, ro, rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at

# What each byte asks for, as plain bits:
TX_ENABLE = 1 << 6
"""Of the line control."""
RX_LEVEL, TX_LEVEL, TX_EMPTY = 1 << 2, 1 << 1, 1 << 0
"""Of the interrupt source."""
RX_DMA, TX_DMA = 1 << 1, 1 << 0
"""Of the DMA control."""


class DataBits(IntEnum):
    """The length of a character."""

    FIVE, SIX, SEVEN, EIGHT = range(4)


class UartRegisters(Peripheral):
    """The register map."""

    # fmt: off
    class LineControl(Register):
        iso7816      = unmodelled(24, 8, "there is no smart-card mode")
        rx_enable    = rw(7)
        tx_enable    = rw(6)
        send_break   = unmodelled(5, doc="no break is sent")
        odd_parity   = rw(4, doc="bytes are carried, not bits: only the time of the parity bit counts")
        parity       = rw(3)
        two_stops    = rw(2)
        data_bits    = choice(1, 0, DataBits)

    class FlowControl(Register):
        rts_level    = unmodelled(4, 2, "no flow control: whoever sends is never held up")
        rts          = unmodelled(1, doc="no flow control: whoever sends is never held up")
        automatic    = unmodelled(0, doc="no flow control: whoever sends is never held up")

    class DmaControl(Register):
        timeout_chars  = rw(7, 3, "silence that raises the receive timeout, in characters")
        timeout_enable = rw(2)
        rx_dma         = rw(1)
        tx_dma         = rw(0)

    class FifoControl(Register):
        rx_level     = rw(5, 4, "index into 1, 4, 8, 16 bytes")
        tx_level     = rw(3, 2, "index into 0, 4, 8, 16 bytes")
        rx_reset     = wo(1)
        tx_reset     = wo(0)

    class BaudRate(Register):
        fraction     = rw(19, 16, "sixteenths of the divider")
        divider      = rw(15, 0, "APB clock / (16 * baud rate) - 1")

    class InterruptMask(Register):
        masked       = rw(9, 0, "1 keeps that bit of the interrupt source from the line")

    class InterruptSource(Register):
        error_signal = w1c(9, doc="smart-card mode only")
        overrun      = w1c(8)
        parity_error = w1c(7)
        frame_error  = w1c(6)
        break_seen   = w1c(5)
        cts_change   = w1c(4)
        rx_timeout   = w1c(3)
        rx_level     = w1c(2, doc="the receive FIFO is filled to its level")
        tx_level     = w1c(1, doc="the transmit FIFO has drained to its level")
        tx_empty     = w1c(0, doc="the transmit FIFO has drained")

    class FifoStatus(Register):
        cts          = ro(12)
        rx_count     = ro(11, 6)
        tx_count     = ro(5, 0)

    class TxData(Register):
        byte         = wo(7, 0)

    class RxData(Register):
        byte         = ro(7, 0)

    class GuardTime(Register):
        iso7816      = unmodelled(7, 0, "there is no smart-card mode")

    class WaitTime(Register):
        iso7816      = unmodelled(23, 0, "there is no smart-card mode")

    line_control     = at(0x00, LineControl)
    flow_control     = at(0x04, FlowControl)
    dma_control      = at(0x08, DmaControl)
    fifo_control     = at(0x0C, FifoControl)
    baud_rate        = at(0x10, BaudRate)
    interrupt_mask   = at(0x14, InterruptMask, reset=0x3FF)  # GUESS: all masked; no driver relies on it
    interrupt_source = at(0x18, InterruptSource)
    fifo_status      = at(0x1C, FifoStatus)
    tx_data          = at(0x20, TxData)
    rx_data          = at(0x30, RxData)
    guard_time       = at(0x40, GuardTime)
    wait_time        = at(0x44, WaitTime)
    # fmt: on
