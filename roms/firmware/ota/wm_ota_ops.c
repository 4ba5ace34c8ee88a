/* Checks and their order are those of the SDK; how they are done is our own. */
#include "ota/wm_ota_ops.h"

#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "kernel/kernel.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/reboot.h"
#include "start/version.h"
#include "storage/wm_partition_table.h"

#define TAG             "ota_ops"
#define LOG_DRAIN_MS    20u
#define ROUND_UP(value) (((value) + FLASH_SECTOR_SIZE - 1) & ~(FLASH_SECTOR_SIZE - 1))

int wm_ota_ops_get_ota_partition(wm_ota_ops_ctx_t *context)
{
    wm_partition_item_t app, app_ota;

    if (!context) {
        return WM_ERR_INVALID_PARAM;
    }
    if (wm_partition_table_find("app", &app) != WM_ERR_SUCCESS ||
        wm_partition_table_find("app_ota", &app_ota) != WM_ERR_SUCCESS) {
        return WM_ERR_FAILED;
    }
    context->app_addr = app.offset;
    context->app_size = app.size;
    context->app_ota_addr = app_ota.offset;
    context->app_ota_size = app_ota.size;
    return WM_ERR_SUCCESS;
}

int wm_ota_ops_begin(wm_ota_ops_ctx_t *context, uint32_t image_size)
{
    uint32_t erase_size = 0;

    if (!context || !context->app_ota_addr) {
        return WM_ERR_INVALID_PARAM;
    }
    context->wrote_addr = context->app_ota_addr;
    context->need_erase = image_size == OTA_WITH_SEQUENTIAL_WRITES;
    if (image_size == 0 || image_size == OTA_SIZE_UNKNOWN) {
        erase_size = context->app_ota_size;
    } else if (image_size != OTA_WITH_SEQUENTIAL_WRITES) {
        if (image_size > context->app_ota_size) {
            return WM_ERR_OTA_FW_OVERFLOW;
        }
        erase_size = ROUND_UP(image_size);
    }
    /* The last sector always: the bootloader keeps its notes about the update there. */
    if (!flash_erase(context->app_ota_addr + context->app_ota_size - FLASH_SECTOR_SIZE, FLASH_SECTOR_SIZE) ||
        !flash_erase(context->app_ota_addr, erase_size)) {
        context->need_erase = 1;
        return WM_ERR_FAILED;
    }
    return WM_ERR_SUCCESS;
}

static int check_addresses(const wm_ota_ops_ctx_t *context)
{
    const wm_ota_header_t *header = &context->ota_header;
    const uint32_t app = FLASH_BASE + context->app_addr;
    const uint32_t app_ota = FLASH_BASE + context->app_ota_addr;

    if (header->img_addr != app + IMAGE_RUN_OFFSET && header->img_addr != app_ota + IMAGE_RUN_OFFSET) {
        return WM_ERR_OTA_HEADER_INVALID;
    }
    if (header->img_len > context->app_ota_size - OTA_FW_HEADER_SIZE_IN_BIN) {
        return WM_ERR_OTA_FW_OVERFLOW;
    }
    if (header->img_header_addr != app && header->img_header_addr != app_ota) {
        return WM_ERR_OTA_HEADER_INVALID;
    }
    if (header->upgrade_img_addr != 0 && header->upgrade_img_addr != app_ota) {
        return WM_ERR_OTA_HEADER_INVALID;
    }
    return WM_ERR_SUCCESS;
}

static int check_header(wm_ota_ops_ctx_t *context, const uint8_t *data, uint32_t size)
{
    wm_ota_header_t *header = &context->ota_header;
    char version[IMAGE_VERSION_SIZE];
    uint32_t crc;
    int result;

    if (size < OTA_FW_HEADER_SIZE_IN_BIN) {
        return WM_ERR_INVALID_PARAM;
    }
    memcpy(header, data, sizeof *header);
    if (header->magic_no != IMAGE_MAGIC || IMAGE_TYPE(header->img_attr) == IMAGE_TYPE_BOOTLOADER ||
        IMAGE_TYPE(header->img_attr) == IMAGE_TYPE_FACTORY_TEST || (header->img_attr & IMAGE_GZIP) ||
        IMAGE_COMPRESSION(header->img_attr) > IMAGE_XZ) {
        return WM_ERR_OTA_HEADER_INVALID;
    }
    result = check_addresses(context);
    if (result != WM_ERR_SUCCESS) {
        return result;
    }
    wm_ota_ops_get_version(version);
    if (strncmp(header->ver, version, IMAGE_VERSION_SIZE) == 0) {
        log_info(TAG, "ota version is the same"); /* no error in the SDK either */
    }
    crc = crc32(CRC32_START, header, sizeof *header - sizeof header->hd_checksum);
    if (crc != header->hd_checksum) {
        log_error(TAG, "ota crc error,hd_checksum=0x%08x,crc32=0x%08x", header->hd_checksum, crc);
        return WM_ERR_OTA_CRC_ERROR;
    }
    return WM_ERR_SUCCESS;
}

/* Erases the sectors that begin in the range about to be written. */
static int erase_ahead(const wm_ota_ops_ctx_t *context, uint32_t size)
{
    const uint32_t begin = ROUND_UP(context->wrote_addr);
    const uint32_t end = ROUND_UP(context->wrote_addr + size);

    return flash_erase(begin, end - begin) ? WM_ERR_SUCCESS : WM_ERR_FAILED;
}

int wm_ota_ops_write(wm_ota_ops_ctx_t *context, const uint8_t *data, uint32_t size)
{
    const uint8_t *body = data;
    int result = WM_ERR_SUCCESS;

    if (!context || !data || size == 0 || !context->app_ota_addr) {
        return WM_ERR_INVALID_PARAM;
    }
    if (context->wrote_addr < context->app_ota_addr ||
        size > context->app_ota_addr + context->app_ota_size - context->wrote_addr) {
        return WM_ERR_NOT_ALLOWED;
    }
    if (context->wrote_addr == context->app_ota_addr) {
        result = check_header(context, data, size);
        context->crc = CRC32_START;
        body += OTA_FW_HEADER_SIZE_IN_BIN;
    }
    if (result == WM_ERR_SUCCESS && context->need_erase) {
        result = erase_ahead(context, size);
    }
    if (result != WM_ERR_SUCCESS) {
        return result;
    }
    context->crc = crc32(context->crc, body, size - (uint32_t)(body - data));
    if (!flash_program(context->wrote_addr, data, size)) {
        return WM_ERR_FAILED;
    }
    context->wrote_addr += size;
    return WM_ERR_SUCCESS;
}

int wm_ota_ops_end(wm_ota_ops_ctx_t *context)
{
    if (!context || context->wrote_addr <= context->app_ota_addr) {
        return WM_ERR_INVALID_PARAM;
    }
    return context->crc == context->ota_header.org_checksum ? WM_ERR_SUCCESS : WM_ERR_OTA_CRC_ERROR;
}

int wm_ota_ops_reboot(void)
{
    log_info(TAG, "ota reboot, please wait for the restart...");
    task_sleep_ms(LOG_DRAIN_MS);
    reboot(REBOOT_OTA);
}

int wm_ota_ops_abort(wm_ota_ops_ctx_t *context)
{
    if (!context) {
        return WM_ERR_INVALID_PARAM;
    }
    memset(context, 0, sizeof *context);
    return WM_ERR_SUCCESS;
}

int wm_ota_ops_get_version(char *version)
{
    if (!version) {
        return WM_ERR_INVALID_PARAM;
    }
    memset(version, 0, IMAGE_VERSION_SIZE);
    memcpy(version, FIRMWARE_VERSION, sizeof FIRMWARE_VERSION);
    return WM_ERR_SUCCESS;
}
