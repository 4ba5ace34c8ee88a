/* The calls of the SDK's ota_ops example in the same order, with a dot for every percent. */
#include "ota/ota_update.h"

#include "kernel/kernel.h"
#include "ota/wm_ota_ops.h"
#include "runtime/log.h"

#define PERCENT        100u
#define LARGEST_BLOCK  4096u
#define BLOCK_PAUSE_MS 10u /* for other tasks */

static uint8_t block[LARGEST_BLOCK];

/* A percent of the image, so that the dots come one by one; but never less than the header. */
static uint32_t block_size_for(uint32_t image_size)
{
    const uint32_t size = image_size / PERCENT & ~3u;

    if (size < OTA_FW_HEADER_SIZE_IN_BIN) {
        return OTA_FW_HEADER_SIZE_IN_BIN;
    }
    return size < LARGEST_BLOCK ? size : LARGEST_BLOCK;
}

static int write_image(wm_ota_ops_ctx_t *context, ota_source source, uint32_t image_size)
{
    const uint32_t block_size = block_size_for(image_size);
    uint32_t dots = 0;

    for (uint32_t written = 0, size; written < image_size; written += size) {
        int result;
        size = image_size - written < block_size ? image_size - written : block_size;
        source(written, block, size);
        result = wm_ota_ops_write(context, block, size);
        if (result != WM_ERR_SUCCESS) {
            log_text("\r\n");
            return result;
        }
        for (; dots < (written + size) * PERCENT / image_size; dots++) {
            log_text(".");
        }
        task_sleep_ms(BLOCK_PAUSE_MS);
    }
    log_text("\r\n");
    return WM_ERR_SUCCESS;
}

int ota_update(const char *tag, ota_source source, uint32_t image_size)
{
    static wm_ota_ops_ctx_t context;
    int result = wm_ota_ops_get_ota_partition(&context);

    if (result != WM_ERR_SUCCESS) {
        log_error(tag, "OTA get partition failed: %d", result);
        return result;
    }
    result = wm_ota_ops_begin(&context, OTA_SIZE_UNKNOWN);
    if (result != WM_ERR_SUCCESS) {
        log_error(tag, "OTA begin failed: %d", result);
        return result;
    }
    result = write_image(&context, source, image_size);
    if (result != WM_ERR_SUCCESS) {
        log_error(tag, "OTA write failed: %d", result);
        return result;
    }
    result = wm_ota_ops_end(&context);
    if (result != WM_ERR_SUCCESS) {
        log_error(tag, "OTA end failed: %d", result);
    }
    return result;
}
