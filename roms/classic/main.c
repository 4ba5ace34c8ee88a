/* A program as the older SDKs lay it out: no partition table, linked where the W800 or the W806 SDK would. */
#include "classic/update.h"
#include "kernel/kernel.h"
#include "runtime/log.h"
#include "start/system.h"

#define TAG           "classic"
#define TASK_PRIORITY 2
#define STACK_WORDS   512
#define TICKS         3u

extern const char image_body[]; /* firmware.ld */

static struct task task;
static uint32_t stack[STACK_WORDS];

/* Of a program that carries no other. */
__attribute__((weak)) void update(void) {}

static void run(void *unused)
{
    (void)unused;
    log_info(TAG, "runs at %08x", (uint32_t)image_body);
    update();
    for (uint32_t tick = 1; tick <= TICKS; tick++) {
        task_sleep_ms(TICKS_PER_SECOND / 10);
        log_info(TAG, "tick %u", tick);
    }
    log_info(TAG, "done");
}

void app_main(void)
{
    log_version();
    task_create(&task, TAG, TASK_PRIORITY, run, 0, stack, STACK_WORDS);
}
