/* UART registers. Source: wm_uart_reg_struct.h of wm_iot_sdk. */
#ifndef CHIP_UART_H
#define CHIP_UART_H

#include <stdint.h>

#include "chip/memory_map.h"

struct uart_registers {
    volatile uint32_t line_control;
    volatile uint32_t flow_control;
    volatile uint32_t dma_control;
    volatile uint32_t fifo_control;
    volatile uint32_t baud_rate;
    volatile uint32_t interrupt_mask;   /* 1 = masked */
    volatile uint32_t interrupt_source; /* write 1 to clear */
    volatile uint32_t fifo_status;
    volatile uint32_t transmit_data;
    volatile uint32_t reserved[3];
    volatile uint32_t receive_data;
};

#define UART_LINE_8_BITS          (3u << 0)
#define UART_LINE_TRANSMIT        (1u << 6)
#define UART_LINE_RECEIVE         (1u << 7)

#define UART_DMA_TIMEOUT_ENABLE   (1u << 2)
#define UART_DMA_TIMEOUT(chars)   ((chars) << 3)

#define UART_FIFO_RESET           (3u << 0)
#define UART_FIFO_TRANSMIT_AT_8   (2u << 2)
#define UART_FIFO_RECEIVE_AT_16   (3u << 4)
#define UART_FIFO_DEPTH           32u

#define UART_SOURCE_TRANSMIT_LOW  (1u << 1) /* the FIFO has drained to its level */
#define UART_SOURCE_RECEIVE_LEVEL (1u << 2)
#define UART_SOURCE_RECEIVE_IDLE  (1u << 3) /* bytes wait, and the line has been silent */
#define UART_SOURCE_ALL           0x3FFu

#define UART_TRANSMIT_COUNT(status) ((status) & 0x3Fu)
#define UART_RECEIVE_COUNT(status)  ((status) >> 6 & 0x3Fu)

#endif
