/* Register use follows wm_hal_uart.c of wm_iot_sdk; pins and speed are those of its device_table.toml. */
#include "drivers/uart.h"

#include "chip/gpio.h"
#include "chip/uart.h"
#include "drivers/clock.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"

#define BAUD_RATE       115200u
#define RING_SIZE       1024u /* a power of two */
#define IDLE_CHARACTERS 4u    /* of silence, until received bytes are handed over */

struct port {
    struct uart_registers *registers;
    enum interrupt interrupt;
    uint32_t pins; /* TX and RX, bits of GPIO B */
    struct queue *received;
    uint32_t head; /* both count without end; their difference is what waits to be sent */
    uint32_t tail;
    char *ring;
};

static char rings[UART_COUNT][RING_SIZE];

static struct port ports[UART_COUNT] = {
    [UART0] = {.registers = (struct uart_registers *)UART0_BASE,
               .interrupt = INTERRUPT_UART0,
               .pins = 1u << 19 | 1u << 20, /* PB19, PB20 */
               .ring = rings[UART0]},
    [UART1] = {.registers = (struct uart_registers *)UART1_BASE,
               .interrupt = INTERRUPT_UART1,
               .pins = 1u << 6 | 1u << 7, /* PB6, PB7 */
               .ring = rings[UART1]},
};

void uart_send_more(struct port *port);

/* Fills the FIFO from the ring; asks for an interrupt when that was not the last byte. */
RAM_CODE void uart_send_more(struct port *port)
{
    struct uart_registers *uart = port->registers;
    uint32_t room = UART_FIFO_DEPTH - UART_TRANSMIT_COUNT(uart->fifo_status);

    while (room-- > 0 && port->tail != port->head) {
        uart->transmit_data = (uint8_t)port->ring[port->tail++ % RING_SIZE];
    }
    if (port->tail == port->head) {
        uart->interrupt_mask |= UART_SOURCE_TRANSMIT_LOW;
    } else {
        uart->interrupt_mask &= ~UART_SOURCE_TRANSMIT_LOW;
    }
}

RAM_CODE static void receive(struct port *port)
{
    struct uart_registers *uart = port->registers;

    for (uint32_t count = UART_RECEIVE_COUNT(uart->fifo_status); count > 0; count--) {
        const uint8_t byte = (uint8_t)uart->receive_data;
        if (port->received) {
            queue_put(port->received, (uint16_t)((uint32_t)(port - ports) << 8 | byte));
        }
    }
}

RAM_CODE static void on_interrupt(void *argument)
{
    struct port *port = argument;
    const uint32_t source = port->registers->interrupt_source;

    port->registers->interrupt_source = source;
    if (source & (UART_SOURCE_RECEIVE_LEVEL | UART_SOURCE_RECEIVE_IDLE)) {
        receive(port);
    }
    if (source & UART_SOURCE_TRANSMIT_LOW) {
        uart_send_more(port);
    }
}

static void connect_pins(uint32_t pins)
{
    GPIOB->alternate_select_1 &= ~pins; /* function 1 */
    GPIOB->alternate_select_0 &= ~pins;
    GPIOB->alternate_enable |= pins;
}

void uart_start(enum uart number)
{
    struct port *port = &ports[number];
    struct uart_registers *uart = port->registers;
    const uint32_t divider_in_16ths = APB_HZ / BAUD_RATE; /* the register takes whole and fractional part */

    connect_pins(port->pins);
    uart->interrupt_mask = UART_SOURCE_ALL;
    uart->baud_rate = (divider_in_16ths / 16 - 1) | divider_in_16ths % 16 << 16;
    uart->flow_control = 0;
    uart->dma_control = UART_DMA_TIMEOUT_ENABLE | UART_DMA_TIMEOUT(IDLE_CHARACTERS);
    uart->fifo_control = UART_FIFO_RECEIVE_AT_16 | UART_FIFO_TRANSMIT_AT_8 | UART_FIFO_RESET;
    uart->line_control = UART_LINE_8_BITS | UART_LINE_TRANSMIT | UART_LINE_RECEIVE;
    uart->interrupt_source = UART_SOURCE_ALL;
    interrupt_attach(port->interrupt, on_interrupt, port);
    uart->interrupt_mask &= ~(UART_SOURCE_RECEIVE_LEVEL | UART_SOURCE_RECEIVE_IDLE);
}

void uart_receive_to(enum uart number, struct queue *queue)
{
    ports[number].received = queue;
}

/* A character takes 87 us: no need to keep the bus busy with looking. */
static void pause(void)
{
    for (volatile uint32_t i = 0; i < 100; i++) {
    }
}

void uart_write_polled(enum uart number, char byte)
{
    struct uart_registers *uart = ports[number].registers;

    while (UART_TRANSMIT_COUNT(uart->fifo_status) != 0) {
        pause();
    }
    uart->transmit_data = (uint8_t)byte;
}

void uart_write(enum uart number, const char *data, uint32_t size)
{
    struct port *port = &ports[number];

    if (!kernel_is_running()) {
        while (size-- > 0) {
            uart_write_polled(number, *data++);
        }
        return;
    }
    while (size > 0) {
        const uint32_t psr = interrupts_disable();
        while (size > 0 && port->head - port->tail < RING_SIZE) {
            port->ring[port->head++ % RING_SIZE] = *data++;
            size--;
        }
        port->registers->interrupt_source = UART_SOURCE_TRANSMIT_LOW; /* an old one */
        uart_send_more(port);
        interrupts_restore(psr);
        if (size > 0) {
            task_sleep_ms(1);
        }
    }
}

void uart_flush(enum uart number)
{
    struct port *port = &ports[number];

    while (port->head != port->tail || UART_TRANSMIT_COUNT(port->registers->fifo_status) != 0) {
        task_sleep_ms(1);
    }
}
