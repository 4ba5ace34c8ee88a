#include "interrupts/sources.h"

#include "chip/rcc.h"
#include "chip/uart.h"
#include "drivers/clock.h"
#include "interrupts/hold.h"
#include "interrupts/timers.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"
#include "runtime/string.h"

#define CHR_INTERRUPT_STACK (1u << 14)
#define STACK_BYTES         2048u
#define PRIORITY_TIMERS     1u
#define PRIORITY_UART       2u
#define PRIORITY_TICK       2u
#define LOOPS               40u /* what a handler waits at most for a more urgent one: some iterations do */
#define UART_BAUD_2M        (0u | 4u << 16) /* 40 MHz / 16 / 1.25 */

volatile struct seen seen;

static const uint32_t periods_us[TIMERS_USED] = {23, 37, 51};
static volatile uint32_t running; /* bit n: a handler of priority n */
static bool has_own_stack;

static void set_priority(uint32_t line, uint32_t priority)
{
    const uint32_t shift = line % 4 * 8;

    VIC->priority[line / 4] = (VIC->priority[line / 4] & ~(0xFFu << shift)) | priority << (shift + 6);
}

static void set_interrupt_stack(bool is_own)
{
    const uint32_t psr = interrupts_disable();
    uint32_t chr;

    has_own_stack = is_own;
    __asm__ volatile("mfcr %0, cr<31, 0>" : "=r"(chr));
    chr = is_own ? chr | CHR_INTERRUPT_STACK : chr & ~CHR_INTERRUPT_STACK;
    __asm__ volatile("mtcr %0, cr<31, 0>" ::"r"(chr));
    interrupts_restore(psr);
}

/* What every handler does first; gives what leave() wants. */
static uint32_t enter(uint32_t priority)
{
    extern char start_stack_top[];
    const uint32_t before = running;
    const uint32_t from_top = (uint32_t)start_stack_top - (uint32_t)__builtin_frame_address(0);

    seen.is_order_broken |= (before & ((2u << priority) - 1)) != 0;
    seen.is_stack_wrong |= (from_top <= STACK_BYTES) != has_own_stack;
    running = before | 1u << priority;
    const uint32_t depth = (uint32_t)__builtin_popcount(running);
    seen.deepest = depth > seen.deepest ? depth : seen.deepest;
    return before;
}

static void leave(uint32_t before)
{
    running = before;
}

void sources_raise(uint32_t level)
{
    seen.raised[level]++;
    VIC->set_pending[0] = 1u << level;
}

static void on_software(void *argument)
{
    const uint32_t level = (uint32_t)argument;
    const uint32_t before = enter(level);

    seen.served[level]++;
    if (level > 0) {
        const uint32_t served = seen.served[level - 1];

        sources_raise(level - 1);
        seen.are_registers_lost |= hold_registers(0x1000u * level + served, LOOPS) != 0;
        seen.is_nesting_late |= seen.served[level - 1] != served + 1;
    }
    if (level == LEVELS - 1) {
        VIC->task_pending = 1;
    }
    leave(before);
}

static void on_timers(void *unused)
{
    const uint32_t before = enter(PRIORITY_TIMERS);
    const uint32_t control = TIMERS->control;

    (void)unused;
    for (uint32_t n = 0; n < TIMERS_USED; n++) {
        seen.expired[n] += (control & TIMER_EXPIRED(n)) != 0;
    }
    TIMERS->control = control;
    leave(before);
}

/* Sends back what comes, letter by letter. */
static void on_uart(void *unused)
{
    struct uart_registers *uart = (struct uart_registers *)UART1_BASE;
    const uint32_t before = enter(PRIORITY_UART);

    (void)unused;
    uart->interrupt_source = uart->interrupt_source;
    while (UART_RECEIVE_COUNT(uart->fifo_status) > 0) {
        uart->transmit_data = uart->receive_data;
    }
    leave(before);
}

static void start_uart(void)
{
    struct uart_registers *uart = (struct uart_registers *)UART1_BASE;

    uart->baud_rate = UART_BAUD_2M;
    uart->dma_control = UART_DMA_TIMEOUT_ENABLE | UART_DMA_TIMEOUT(4u);
    uart->fifo_control = UART_FIFO_RECEIVE_AT_16 | UART_FIFO_RESET;
    uart->line_control = UART_LINE_8_BITS | UART_LINE_TRANSMIT | UART_LINE_RECEIVE;
    uart->interrupt_mask = ~(UART_SOURCE_RECEIVE_LEVEL | UART_SOURCE_RECEIVE_IDLE);
}

void sources_prepare(void)
{
    extern void (*__vectors_in_ram[])(void);

    RCC->clock_enable |= RCC_CLOCK_TIMERS;
    TIMERS->config = APB_HZ / 1000000u - 1;
    for (uint32_t level = 0; level < LEVELS; level++) {
        set_priority(level, level);
        interrupt_attach((enum interrupt)level, on_software, (void *)level);
    }
    set_priority(INTERRUPT_TIMERS, PRIORITY_TIMERS);
    interrupt_attach((enum interrupt)INTERRUPT_TIMERS, on_timers, 0);
    __vectors_in_ram[FIRST_INTERRUPT_VECTOR + INTERRUPT_UART1] = plain_entry;
    set_priority(INTERRUPT_UART1, PRIORITY_UART);
    interrupt_attach(INTERRUPT_UART1, on_uart, 0);
    start_uart();
    set_priority(INTERRUPT_CORE_TIMER, PRIORITY_TICK);
}

static void set_tick(uint32_t period_us)
{
    CORE_TIMER->reload = CPU_HZ / 1000000u * period_us - 1;
    CORE_TIMER->value = 0;
}

void sources_start(bool is_stack_own)
{
    uint32_t control = 0;

    set_interrupt_stack(is_stack_own);
    memset((void *)&seen, 0, sizeof seen);
    set_tick(TICK_US);
    seen.ticks = kernel_ticks();
    for (uint32_t n = 0; n < TIMERS_USED; n++) {
        TIMERS->period[n] = periods_us[n];
        control |= TIMER_ENABLE(n) | TIMER_INTERRUPT(n);
    }
    TIMERS->control = control;
}

void sources_stop(void)
{
    TIMERS->control = 0;
    seen.ticks = kernel_ticks() - seen.ticks;
    set_tick(1000000u / TICKS_PER_SECOND);
}

bool sources_lost_nothing(void)
{
    bool is_good = true;

    for (uint32_t n = 0; n < TIMERS_USED; n++) {
        const uint32_t most = (seen.ticks + 1) * TICK_US / periods_us[n];
        const uint32_t least = (seen.ticks - 1) * TICK_US / periods_us[n] - 1;

        is_good &= least <= seen.expired[n] && seen.expired[n] <= most;
    }
    return is_good;
}
