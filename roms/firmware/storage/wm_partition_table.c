/* Format: partition.py and partition_table/src of wm_iot_sdk. */
#include "storage/wm_partition_table.h"

#include <stdbool.h>

#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "runtime/log.h"
#include "runtime/string.h"

#define TAG             "ptb"
#define TABLE_OFFSET    0xE000u
#define TABLE_MAGIC     0xA1F2F39Fu
#define MOST_PARTITIONS 16u

static struct {
    uint32_t magic;
    uint16_t version;
    uint16_t count;
    uint32_t option;
    wm_partition_item_t items[MOST_PARTITIONS];
} table;

static bool is_valid;

/* The MD5 sum follows the last item in flash. */
static bool has_good_checksum(void)
{
    const uint32_t size = (uint32_t)((const uint8_t *)&table.items[table.count] - (const uint8_t *)&table);
    uint8_t computed[MD5_SIZE];
    uint8_t stored[MD5_SIZE];

    md5(&table, size, computed);
    return flash_read(TABLE_OFFSET + size, stored, sizeof stored) && memcmp(computed, stored, MD5_SIZE) == 0;
}

static bool fits_flash(const wm_partition_item_t *item)
{
    const uint32_t flash_size = flash_identity()->size_bytes;

    return item->offset <= flash_size && item->size <= flash_size - item->offset;
}

int wm_partition_table_init(void)
{
    if (!flash_read(TABLE_OFFSET, &table, sizeof table) || table.magic != TABLE_MAGIC) {
        log_error(TAG, "partition table magic 0x%x error", table.magic);
        return WM_ERR_FAILED;
    }
    if (table.count > MOST_PARTITIONS) {
        log_error(TAG, "partition table count too many %u", table.count);
        return WM_ERR_FAILED;
    }
    if (!has_good_checksum()) {
        log_error(TAG, "partition table md5 checksum error");
        return WM_ERR_FAILED;
    }
    for (uint32_t i = 0; i < table.count; i++) {
        if (!fits_flash(&table.items[i])) {
            log_error(TAG, "partition %s exceeds flash size", table.items[i].name);
            return WM_ERR_FAILED;
        }
    }
    is_valid = true;
    return WM_ERR_SUCCESS;
}

int wm_partition_table_find(const char *name, wm_partition_item_t *partition)
{
    if (!name || !partition) {
        return WM_ERR_INVALID_PARAM;
    }
    if (!is_valid) {
        return WM_ERR_NO_INITED;
    }
    for (uint32_t i = 0; i < table.count; i++) {
        if (strncmp(table.items[i].name, name, WM_PARTITION_NAME_SIZE) == 0) {
            *partition = table.items[i];
            return WM_ERR_SUCCESS;
        }
    }
    return WM_ERR_NOT_FOUND;
}
