/* Is built once as it is, and once with each of these differences, which a comparison has to name:
 *
 * SLOW         calculate() takes longer
 * DEEP         keep() needs more stack
 * EXTRA_WRITE  keep() programs one page more
 * MESSAGE      a line says something else
 * LATER        the last line comes later
 * MOVED        nothing but the addresses differs */
#include "chip/memory_map.h"
#include "drivers/flash.h"
#include "kernel/kernel.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define TAG         "builds"
#define STACK_WORDS 1024
#ifdef DEEP
#define BUFFER_SIZE 1024u
#else
#define BUFFER_SIZE 256u
#endif
#ifdef MOVED
void moves_all_others(void);

void moves_all_others(void)
{
    __asm__ volatile(".fill 3000, 2, 0x6c03"); /* or r0, r0 */
}
#endif

static struct task worker;
static uint32_t worker_stack[STACK_WORDS];
volatile uint32_t result;

__attribute__((noinline)) static uint32_t calculate(uint32_t sum)
{
#ifdef SLOW
    const uint32_t rounds = 3000;
#else
    const uint32_t rounds = 2000;
#endif
    for (uint32_t i = 0; i < rounds; i++) {
        sum = sum * 5 + i;
    }
    return sum;
}

__attribute__((noinline)) static void keep(uint32_t place, uint32_t value)
{
    volatile uint8_t buffer[BUFFER_SIZE];

    for (uint32_t i = 0; i < 4; i++) {
        buffer[i] = (uint8_t)(value >> 8 * i); /* the rest is room for more */
    }
    flash_erase(place, FLASH_SECTOR_SIZE);
    flash_program(place, (const uint8_t *)buffer, 4);
#ifdef EXTRA_WRITE
    flash_program(place + FLASH_PAGE_SIZE, (const uint8_t *)buffer, 4);
#endif
}

static void work(void *unused)
{
    wm_partition_item_t user;

    (void)unused;
    wm_partition_table_find("user", &user);
#ifdef MESSAGE
    log_info(TAG, "off we go");
#else
    log_info(TAG, "begins");
#endif
    result = calculate(1);
    keep(user.offset, result);
#ifdef LATER
    task_sleep_ms(25);
#endif
    log_info(TAG, "ready");
}

void app_main(void)
{
    task_create(&worker, "worker", 3, work, 0, worker_stack, STACK_WORDS);
}
