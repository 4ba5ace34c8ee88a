/* The first firmware of the story: it replaces itself with the image it carries.
 *
 * What it prints, and in which order it calls wm_ota_ops_*, is that of examples/ota/ota_ops in wm_iot_sdk. */
#include "kernel/kernel.h"
#include "ota/ota_update.h"
#include "ota/wm_ota_ops.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"

#define TAG             "example"
#define OTA_PRIORITY    2
#define OTA_STACK_WORDS 1024

extern const uint8_t atcmd_image[], atcmd_image_end[]; /* atcmd_image.S */

static struct task ota_task;
static uint32_t ota_stack[OTA_STACK_WORDS];

static void read_image(uint32_t offset, uint8_t *data, uint32_t size)
{
    memcpy(data, atcmd_image + offset, size);
}

static void update(void *unused)
{
    (void)unused;
    if (ota_update(TAG, read_image, (uint32_t)(atcmd_image_end - atcmd_image)) == WM_ERR_SUCCESS) {
        log_info(TAG, "This example succeeds in running.");
        wm_ota_ops_reboot();
    }
}

void app_main(void)
{
    log_version();
    task_create(&ota_task, "ota", OTA_PRIORITY, update, 0, ota_stack, OTA_STACK_WORDS);
}
