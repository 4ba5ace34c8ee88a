/* One flash sector of named items, as wm_nvs_sector.h and wm_nvs_item.h of wm_iot_sdk lay it out.
 *
 * Items are only added and marked as dropped. When the sector is full, or found damaged, what is still valid
 * moves to the next sector of the partition, which takes over once its header is written. */
#ifndef STORAGE_NVS_SECTOR_H
#define STORAGE_NVS_SECTOR_H

#include <stdbool.h>
#include <stdint.h>

#define NVS_SLICE_SIZE    32u
#define NVS_INLINE_SIZE   8u /* longer values follow the item in slices of their own */
#define NVS_NO_SEGMENT    0xFFu

/* Bits go from 1 to 0, so a state changes without erasing. */
enum nvs_item_state { NVS_ITEM_UNUSED = 0xFF, NVS_ITEM_USED = 0xFE, NVS_ITEM_DROPPED = 0xFC };

struct nvs_item {
    uint8_t state;
    char name[15];
    uint8_t group;
    uint8_t segment;
    uint16_t type_and_length; /* [3:0] type, [15:4] bytes */
    uint32_t crc;             /* of name to type_and_length, then of value */
    uint8_t value[NVS_INLINE_SIZE]; /* of a longer value: its CRC, and nothing */
};

/* Finds the sector in use, or begins a partition that has none. */
bool nvs_sector_start(uint32_t partition_offset, uint32_t partition_size);

/* The newest item of that name, or none; the pointer is good until the next change. */
const struct nvs_item *nvs_sector_find(uint8_t group, const char *name);

/* The item after this one (the first after none), skipping dropped ones; none at the end. */
const struct nvs_item *nvs_sector_next(const struct nvs_item *item);

/* Adds an item in place of an older one; `item` comes with name, group and type_and_length. */
bool nvs_sector_add(struct nvs_item *item, const void *value);

static inline uint32_t nvs_item_length(const struct nvs_item *item)
{
    return item->type_and_length >> 4;
}

#endif
