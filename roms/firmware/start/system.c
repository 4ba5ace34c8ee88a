/* From start-up code to the application, in the order of wm_system.c in wm_iot_sdk. */
#include "start/system.h"

#include "chip/pmu.h"
#include "drivers/clock.h"
#include "drivers/flash.h"
#include "drivers/random.h"
#include "drivers/uart.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"
#include "runtime/log.h"
#include "start/reboot.h"
#include "start/version.h"
#include "storage/factory_parameters.h"
#include "storage/wm_partition_table.h"

#define TAG              "main"
#define MAIN_PRIORITY    4
#define MAIN_STACK_WORDS 1024

static struct task main_task;
static uint32_t main_stack[MAIN_STACK_WORDS];

static void run_application(void *unused)
{
    (void)unused;
    if (!flash_start()) {
        log_error(TAG, "no flash answers");
        return;
    }
    if (wm_partition_table_init() != WM_ERR_SUCCESS) {
        return;
    }
    factory_parameters_start();
    app_main();
}

void log_version(void)
{
    log_info(TAG, "ver: %s build at %s", FIRMWARE_VERSION, BUILD_STAMP);
}

/* The chip wakes from standby through a reset: only the always-on flag tells. */
static void find_reboot_reason(void)
{
    if (PMU->flags & PMU_FLAG_WOKE_FROM_STANDBY) {
        PMU->flags = PMU_FLAG_WOKE_FROM_STANDBY;
        reboot_reason_set(REBOOT_STANDBY);
    }
}

/* Called by reset_handler with interrupts off; runs on the stack that interrupts use later. */
void system_start(void)
{
    extern uint32_t start_stack_top[];

    interrupts_start(start_stack_top);
    find_reboot_reason();
    clock_start();
    uart_start(UART0);
    random_start();
    task_create(&main_task, TAG, MAIN_PRIORITY, run_application, 0, main_stack, MAIN_STACK_WORDS);
    kernel_start(CPU_HZ);
}
