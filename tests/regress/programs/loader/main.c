/* `u` updates to the next version, any capital letter becomes the setting; after each the state is told. */
#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "loader/loader.h"
#include "runtime/log.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define TAG         "loader"
#define STACK_WORDS 1024
#define STAGED      0x10000u

static struct task task;
static uint32_t stack[STACK_WORDS];
static struct queue received;

static void serve(void *unused)
{
    uint32_t version = load();

    (void)unused;
    for (;;) {
        uint16_t item;
        log_info(TAG, "version %u, setting %c", version, setting_get());
        while (!queue_get(&received, &item, 1000)) {
        }
        if ((item & 0xFF) == 'u') {
            download(staged, version + 1);
            version = load();
        } else {
            setting_set((char)item);
        }
    }
}

void app_main(void)
{
    wm_partition_item_t partition;

    wm_partition_table_find("app_ota", &partition);
    active = partition.offset;
    staged = partition.offset + STAGED;
    wm_partition_table_find("user", &partition);
    setting_start(partition.offset);
    uart_receive_to(UART0, &received);
    task_create(&task, TAG, 3, serve, 0, stack, STACK_WORDS);
}
