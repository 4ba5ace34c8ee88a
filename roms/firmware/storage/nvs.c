/* Groups and values on top of the sector. A group is an item of group 0 whose value is the group's number. */
#include "storage/nvs.h"

#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "runtime/string.h"
#include "storage/nvs_sector.h"
#include "storage/wm_partition_table.h"

#define GROUP_OF_GROUPS 0u
#define LAST_GROUP      0x3Eu

static wm_partition_item_t partition;

static bool add(uint8_t group, const char *name, enum nvs_type type, const void *value, uint32_t size)
{
    struct nvs_item item = {.group = group, .type_and_length = (uint16_t)(size << 4 | type)};
    const uint32_t length = strlen(name);

    if (length > NVS_NAME_SIZE || size > NVS_VALUE_SIZE) {
        return false;
    }
    memcpy(item.name, name, length);
    return nvs_sector_add(&item, value);
}

/* The group's number; 0 if there is none of that name. */
static uint8_t find_group(const char *name)
{
    const struct nvs_item *item = nvs_sector_find(GROUP_OF_GROUPS, name);
    return item ? item->value[0] : GROUP_OF_GROUPS;
}

static uint8_t find_or_add_group(const char *name)
{
    uint8_t number = find_group(name);

    if (number != GROUP_OF_GROUPS) {
        return number;
    }
    for (const struct nvs_item *item = nvs_sector_next(0); item; item = nvs_sector_next(item)) {
        if (item->group == GROUP_OF_GROUPS && item->value[0] > number) {
            number = item->value[0];
        }
    }
    number++;
    return number <= LAST_GROUP && add(GROUP_OF_GROUPS, name, NVS_U8, &number, 1) ? number : GROUP_OF_GROUPS;
}

bool nvs_start(void)
{
    return wm_partition_table_find("nvs", &partition) == WM_ERR_SUCCESS &&
           nvs_sector_start(partition.offset, partition.size);
}

uint32_t nvs_get(const char *group, const char *key, void *value, uint32_t size)
{
    const uint8_t number = find_group(group);
    const struct nvs_item *item = number == GROUP_OF_GROUPS ? 0 : nvs_sector_find(number, key);
    const uint8_t *stored;
    uint32_t length, crc;

    if (!item) {
        return 0;
    }
    length = nvs_item_length(item);
    stored = item->value;
    if (length > NVS_INLINE_SIZE) {
        stored = (const uint8_t *)(item + 1);
        memcpy(&crc, item->value, sizeof crc);
        if (crc != crc32(CRC32_START, stored, length)) {
            return 0;
        }
    }
    memcpy(value, stored, length < size ? length : size);
    return length;
}

bool nvs_set(const char *group, const char *key, enum nvs_type type, const void *value, uint32_t size)
{
    const uint8_t number = find_or_add_group(group);
    return number != GROUP_OF_GROUPS && add(number, key, type, value, size);
}

bool nvs_erase_all(void)
{
    return flash_erase(partition.offset, partition.size) && nvs_start();
}
