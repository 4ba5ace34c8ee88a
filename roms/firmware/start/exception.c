/* The last words of a firmware that hit an exception: what happened, where, and the registers. */
#include <stdint.h>

#include "drivers/uart.h"
#include "kernel/interrupts.h"
#include "runtime/format.h"
#include "start/reboot.h"

/* As exception.S stores it. */
struct exception_frame {
    uint32_t registers[16];
    uint32_t psr;
    uint32_t pc;
};

/* Vector numbers: CSKY V2 CPU user guide, exceptions. */
static const char *exception_name(uint32_t vector)
{
    static const char *const names[] = {
        [1] = "misaligned access",    [2] = "access error",        [3] = "division by zero",
        [4] = "illegal instruction",  [5] = "privilege violation", [6] = "trace",
        [7] = "breakpoint",           [8] = "unrecoverable error", [9] = "idly",
        [16] = "trap 0",              [17] = "trap 1",             [18] = "trap 2",
        [19] = "trap 3",              [30] = "floating point",
    };
    const uint32_t count = sizeof names / sizeof names[0];
    return vector < count && names[vector] ? names[vector] : "unknown";
}

static void put_polled(void *unused, char character)
{
    (void)unused;
    uart_write_polled(UART0, character);
}

static void print(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    format(put_polled, 0, text, arguments);
    va_end(arguments);
}

void exception_report(const struct exception_frame *frame)
{
    const uint32_t vector = processor_status() >> 16 & 0xFF;

    print("\r\nCPU Exception : %u (%s)\r\n\r\n", vector, exception_name(vector));
    for (uint32_t i = 0; i < 16; i++) {
        print("r%u%s: 0x%08x%s", i, i < 10 ? " " : "", frame->registers[i], i % 4 == 3 ? "\r\n" : "\t");
    }
    print("\r\npsr: 0x%08x\r\npc : 0x%08x\r\n", frame->psr, frame->pc);
    reboot_reason_set(REBOOT_EXCEPTION);
    for (;;) {
        wait_for_interrupt(); /* none is taken any more */
    }
}
