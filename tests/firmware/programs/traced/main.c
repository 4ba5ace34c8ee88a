/* Does what a trace has to tell: calls in known numbers, tasks under the names of FreeRTOS, flash operations, lines.
 *
 * The tests of the views (tests/trace) know the numbers by heart. */
#include <stdint.h>

#include "drivers/flash.h"
#include "kernel/kernel.h"
#include "runtime/log.h"
#include "start/system.h"

#define STACK_WORDS 256u
#define SECTOR      0x1F0000u
#define DEPTH       5u /* branch() is called 63 times, at most 6 times within itself */
#define ROUNDS      4u

#define NOINLINE    __attribute__((noipa))

/* What FreeRTOS has, as far as a trace looks at it; the name is where it usually is. */
struct tskTaskControlBlock {
    uint32_t other_members[13];
    char pcTaskName[16];
};

static struct tskTaskControlBlock main_block = {.pcTaskName = "main task"};
static struct tskTaskControlBlock idle_block = {.pcTaskName = "IDLE"};
static struct tskTaskControlBlock producer_block = {.pcTaskName = "producer"};
static struct tskTaskControlBlock consumer_block = {.pcTaskName = "consumer"};
struct tskTaskControlBlock *volatile pxCurrentTCB = &main_block;
volatile uint32_t xSchedulerRunning;

static struct task producer_task, consumer_task;
static uint32_t producer_stack[STACK_WORDS], consumer_stack[STACK_WORDS];
static uint32_t *main_stack_top;
static struct semaphore produced;
static volatile uint32_t consumed, branches;

/* The kernel's, with FreeRTOS's variable set besides (see the Makefile): whose stack is it? */
uint32_t *__real_kernel_switch(uint32_t *stack_pointer);
uint32_t *__wrap_kernel_switch(uint32_t *stack_pointer)
{
    uint32_t *const next = __real_kernel_switch(stack_pointer);

    xSchedulerRunning = 1;
    if ((uint32_t)(next - producer_stack) < STACK_WORDS) {
        pxCurrentTCB = &producer_block;
    } else if ((uint32_t)(next - consumer_stack) < STACK_WORDS) {
        pxCurrentTCB = &consumer_block;
    } else if ((uint32_t)(main_stack_top - next) < STACK_WORDS) {
        pxCurrentTCB = &main_block;
    } else {
        pxCurrentTCB = &idle_block;
    }
    return next;
}

NOINLINE static void branch(uint32_t depth)
{
    if (depth > 0) {
        branch(depth - 1);
        branch(depth - 1);
    }
    branches++; /* behind the calls, so that none of them becomes a loop */
}

NOINLINE static void leaf(void)
{
}

NOINLINE static void left(void)
{
    for (uint32_t n = 0; n < 3; n++) {
        leaf();
    }
}

NOINLINE static void right(void)
{
    for (uint32_t n = 0; n < 5; n++) {
        leaf();
    }
}

NOINLINE static void produce(void)
{
    semaphore_give(&produced);
}

NOINLINE static void consume(void)
{
    consumed++;
}

static void producer(void *unused)
{
    (void)unused;
    for (uint32_t n = 0; n < ROUNDS; n++) {
        produce();
        task_sleep_ms(2);
    }
    task_sleep_ms(FOREVER);
}

static void consumer(void *unused)
{
    (void)unused;
    for (;;) {
        semaphore_take(&produced, FOREVER);
        consume();
    }
}

void app_main(void)
{
    const uint8_t bytes[16] = "what is written";

    main_stack_top = __builtin_frame_address(0);
    main_stack_top += 32;
    log_text("begin\n");
    branch(DEPTH);
    left();
    right();
    flash_erase(SECTOR, 0x1000);
    flash_program(SECTOR, bytes, sizeof bytes);
    task_create(&consumer_task, "consumer", 6, consumer, 0, consumer_stack, STACK_WORDS);
    task_create(&producer_task, "producer", 5, producer, 0, producer_stack, STACK_WORDS);
    while (consumed < ROUNDS) {
        task_sleep_ms(5);
    }
    log_text("end\n");
}
