/* Talks to what is at UART2 (PB2, PB3): a receiver that tells something every second, or a modem that answers. */
#include "board/parts.h"
#include "board/pins.h"
#include "chip/uart.h"
#include "kernel/kernel.h"
#include "runtime/log.h"

#define UART2 ((struct uart_registers *)0x40010A00u)

static void start(void)
{
    pin_give(PB(2), 3);
    pin_give(PB(3), 3);
    UART2->line_control = UART_LINE_8_BITS | UART_LINE_TRANSMIT | UART_LINE_RECEIVE;
    UART2->baud_rate = 11u << 16 | 20u; /* 115200 */
}

static void send(const char *text)
{
    for (; *text; text++) {
        UART2->transmit_data = (uint8_t)*text;
    }
}

/* A line without its end; empty after so many milliseconds of silence. */
static void receive(char *line, uint32_t size, uint32_t patience_ms)
{
    uint32_t count = 0;

    for (uint32_t silence = 0; silence < patience_ms; silence++) {
        while (UART_RECEIVE_COUNT(UART2->fifo_status)) {
            const char letter = (char)UART2->receive_data;

            silence = 0;
            if (letter == '\n' && count > 0) {
                line[count] = 0;
                return;
            }
            if (letter >= ' ' && count + 1 < size) {
                line[count++] = letter;
            }
        }
        task_sleep_ms(1);
    }
    line[0] = 0;
}

void run_gps(void)
{
    static char line[100];

    start();
    for (uint32_t n = 0; n < 2; n++) {
        receive(line, sizeof line, 1500);
        LOG("gps: %s", line);
    }
}

void run_modem(void)
{
    static char line[100];

    start();
    send("AT+CSQ\r");
    for (uint32_t n = 0; n < 3; n++) {
        receive(line, sizeof line, 100);
        LOG("modem: %s", line);
    }
}
