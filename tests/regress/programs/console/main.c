/* A console with three bugs for whoever explores:
 *
 * - a NUL, such as a break on the line, amid a command locks it up;
 * - a reset while a setting is written, in place, loses it;
 * - a download with a length that is too large overruns a buffer, and jumps into nothing. */
#include "chip/memory_map.h"
#include "drivers/flash.h"
#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "runtime/log.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define TAG         "console"
#define STACK_WORDS 1024
#define LINE_SIZE   32u

static struct task task;
static uint32_t stack[STACK_WORDS], place;
static struct queue received;
static struct {
    volatile uint8_t buffer[16];
    void (*volatile finished)(void);
} image;

static uint8_t next_byte(void)
{
    uint16_t item;
    while (!queue_get(&received, &item, 1000)) {
    }
    return (uint8_t)item;
}

static void installed(void)
{
    log_info(TAG, "installed");
}

__attribute__((noinline)) static void install(void)
{
    const uint8_t length = next_byte();

    image.finished = installed;
    for (uint32_t i = 0; i < length; i++) {
        image.buffer[i] = next_byte(); /* into what follows it, if there is more */
    }
    image.finished();
}

static void set(uint8_t value)
{
    const uint32_t word = value;
    flash_erase(place, FLASH_SECTOR_SIZE);
    flash_program(place, &word, sizeof word);
}

static void run(const uint8_t *line)
{
    switch (line[0]) {
    case 'S':
        set(line[1]);
        break;
    case 'D':
        install();
        return;
    default:
        break;
    }
    log_info(TAG, "setting %c", *(const uint8_t *)(FLASH_BASE + place));
}

static void serve(void *unused)
{
    uint8_t line[LINE_SIZE];
    volatile uint32_t length = 0;

    (void)unused;
    log_info(TAG, "ready, setting %c", *(const uint8_t *)(FLASH_BASE + place));
    for (;;) {
        const uint8_t byte = next_byte();
        if (byte == '\r') {
            line[length] = 0;
            length = 0;
            run(line);
        } else if (byte == 0) {
            while (length > 0) { /* "until the line is over" */
            }
        } else if (length < LINE_SIZE - 1) {
            line[length++] = byte;
        }
    }
}

void app_main(void)
{
    wm_partition_item_t partition;

    wm_partition_table_find("user", &partition);
    place = partition.offset;
    uart_receive_to(UART0, &received);
    task_create(&task, TAG, 3, serve, 0, stack, STACK_WORDS);
}
