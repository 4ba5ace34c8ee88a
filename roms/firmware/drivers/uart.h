/* UART0 and UART1 at 115200 8N1. */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include <stdint.h>

#include "kernel/queue.h"

enum uart { UART0, UART1, UART_COUNT };

/* Connects pins and sets the line; bytes received are dropped until there is a queue for them. */
void uart_start(enum uart uart);

/* Items of the queue are UART number << 8 | byte, so that one queue can serve both. */
void uart_receive_to(enum uart uart, struct queue *queue);

/* Hands the bytes to the interrupt, waiting only while its ring is full; polls before the scheduler runs. */
void uart_write(enum uart uart, const char *data, uint32_t size);
void uart_write_polled(enum uart uart, char byte);

/* Waits until all that was written is on its way and the FIFO is empty. */
void uart_flush(enum uart uart);

#endif
