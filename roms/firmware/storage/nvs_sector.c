/* The sector in use has a copy in SRAM: it is searched there, and written in both places. */
#include "storage/nvs_sector.h"

#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "runtime/log.h"
#include "runtime/string.h"

#define TAG            "nvs"
#define SLICE_COUNT    (FLASH_SECTOR_SIZE / NVS_SLICE_SIZE)
#define HEADER_MAGIC   0x4D57u
#define HEADER_IN_USE  0xFEu
#define FORMAT_VERSION 1u

struct sector_header {
    uint16_t magic;
    uint8_t state;
    uint8_t reserved;
    uint32_t crc; /* of serial and what follows it, without the last four bytes */
    uint32_t serial; /* the highest is the sector in use */
    uint8_t version;
    uint8_t unused[19];
};

_Static_assert(sizeof(struct nvs_item) == NVS_SLICE_SIZE, "an item is a slice");
_Static_assert(sizeof(struct sector_header) == NVS_SLICE_SIZE, "the header is a slice");

static union {
    struct sector_header header;
    struct nvs_item items[SLICE_COUNT]; /* the first is the header */
} sector;

static uint32_t partition;    /* offset in flash */
static uint32_t sector_count; /* of the partition */
static uint32_t sector_index; /* the one in use */
static uint32_t next_free;    /* slice */

static uint32_t header_crc(const struct sector_header *header)
{
    return crc32(CRC32_START, &header->serial, 24);
}

static uint32_t item_crc(const struct nvs_item *item)
{
    const uint32_t crc = crc32(CRC32_START, item->name, sizeof item->name + 4);
    return crc32(crc, item->value, sizeof item->value);
}

static uint32_t slices_of(const struct nvs_item *item)
{
    const uint32_t length = nvs_item_length(item);
    return 1 + (length > NVS_INLINE_SIZE ? (length + NVS_SLICE_SIZE - 1) / NVS_SLICE_SIZE : 0);
}

static bool write_slices(uint32_t first, uint32_t count)
{
    return flash_program(partition + sector_index * FLASH_SECTOR_SIZE + first * NVS_SLICE_SIZE, &sector.items[first],
                         count * NVS_SLICE_SIZE);
}

/* Writes the copy to the next sector, the header last: without it the sector does not count. */
static bool write_to_next_sector(void)
{
    const uint32_t old_sector = partition + sector_index * FLASH_SECTOR_SIZE;

    sector_index = (sector_index + 1) % sector_count;
    sector.header.serial++;
    sector.header.crc = header_crc(&sector.header);
    return flash_erase(partition + sector_index * FLASH_SECTOR_SIZE, FLASH_SECTOR_SIZE) &&
           write_slices(1, next_free - 1) && write_slices(0, 1) && flash_erase(old_sector, FLASH_SECTOR_SIZE);
}

/* Moves the valid items together and into the next sector. */
static bool collect_garbage(void)
{
    uint32_t kept = 1;

    for (const struct nvs_item *item = nvs_sector_next(0), *next; item; item = next) {
        const uint32_t count = slices_of(item);
        next = nvs_sector_next(item);
        for (uint32_t i = 0; i < count; i++) {
            sector.items[kept++] = item[i]; /* never above `item` */
        }
    }
    memset(&sector.items[kept], 0xFF, (SLICE_COUNT - kept) * NVS_SLICE_SIZE);
    next_free = kept;
    return write_to_next_sector();
}

/* Finds the first free slice; reports damaged items and gets rid of them. */
static bool check_items(void)
{
    bool is_damaged = false;
    uint32_t slice = 1;

    while (slice < SLICE_COUNT && sector.items[slice].state != NVS_ITEM_UNUSED) {
        struct nvs_item *item = &sector.items[slice];
        if (item->crc == item_crc(item) && slice + slices_of(item) <= SLICE_COUNT) {
            slice += slices_of(item);
        } else {
            char name[sizeof item->name + 1] = {0};
            memcpy(name, item->name, sizeof item->name);
            log_error(TAG, "scan item crc err in %u,status=%x,key=%s,do GC", sector_index, item->state, name);
            memset(item, 0, sizeof *item); /* an empty dropped item, one slice long */
            item->state = NVS_ITEM_DROPPED;
            is_damaged = true;
            slice++; /* its length is not to be trusted */
        }
    }
    next_free = slice;
    return !is_damaged || collect_garbage();
}

static bool read_header(uint32_t index, struct sector_header *header)
{
    return flash_read(partition + index * FLASH_SECTOR_SIZE, header, sizeof *header) &&
           header->magic == HEADER_MAGIC && header->state == HEADER_IN_USE && header->version == FORMAT_VERSION &&
           header->crc == header_crc(header);
}

/* A partition without any sector in use. */
static bool begin(void)
{
    memset(&sector, 0xFF, sizeof sector);
    sector.header.magic = HEADER_MAGIC;
    sector.header.state = HEADER_IN_USE;
    sector.header.version = FORMAT_VERSION;
    sector.header.serial = 0;
    sector.header.crc = header_crc(&sector.header);
    sector_index = 0;
    next_free = 1;
    return flash_erase(partition, FLASH_SECTOR_SIZE) && write_slices(0, 1);
}

bool nvs_sector_start(uint32_t partition_offset, uint32_t partition_size)
{
    struct sector_header header;
    bool found = false;

    partition = partition_offset;
    sector_count = partition_size / FLASH_SECTOR_SIZE;
    for (uint32_t i = 0; i < sector_count; i++) {
        if (read_header(i, &header) && (!found || header.serial > sector.header.serial)) {
            sector.header = header;
            sector_index = i;
            found = true;
        }
    }
    if (!found) {
        return sector_count >= 2 && begin();
    }
    return flash_read(partition + sector_index * FLASH_SECTOR_SIZE, &sector, sizeof sector) && check_items();
}

const struct nvs_item *nvs_sector_next(const struct nvs_item *item)
{
    uint32_t slice = item ? (uint32_t)(item - sector.items) + slices_of(item) : 1;

    while (slice < next_free && sector.items[slice].state != NVS_ITEM_USED) {
        slice += slices_of(&sector.items[slice]);
    }
    return slice < next_free ? &sector.items[slice] : 0;
}

const struct nvs_item *nvs_sector_find(uint8_t group, const char *name)
{
    const struct nvs_item *found = 0;

    for (const struct nvs_item *item = nvs_sector_next(0); item; item = nvs_sector_next(item)) {
        if (item->group == group && strncmp(item->name, name, sizeof item->name) == 0) {
            found = item;
        }
    }
    return found;
}

/* Drops what `newest` replaces; only after it is written, so one of the two survives a loss of power. */
static bool drop_older(const struct nvs_item *newest)
{
    const struct nvs_item *item = nvs_sector_next(0);

    for (; item && item < newest; item = nvs_sector_next(item)) {
        if (item->group == newest->group && strncmp(item->name, newest->name, sizeof item->name) == 0) {
            const uint32_t slice = (uint32_t)(item - sector.items);
            sector.items[slice].state = NVS_ITEM_DROPPED;
            if (!write_slices(slice, 1)) {
                return false;
            }
        }
    }
    return true;
}

bool nvs_sector_add(struct nvs_item *item, const void *value)
{
    const uint32_t length = nvs_item_length(item);
    const uint32_t count = slices_of(item);

    if (next_free + count > SLICE_COUNT && (!collect_garbage() || next_free + count > SLICE_COUNT)) {
        return false;
    }
    item->state = NVS_ITEM_USED;
    item->segment = NVS_NO_SEGMENT;
    memset(item->value, 0xFF, sizeof item->value);
    if (length > NVS_INLINE_SIZE) {
        const uint32_t crc = crc32(CRC32_START, value, length);
        memcpy(item->value, &crc, sizeof crc);
        memcpy(&sector.items[next_free + 1], value, length);
    } else {
        memcpy(item->value, value, length);
    }
    item->crc = item_crc(item);
    sector.items[next_free] = *item;
    next_free += count;
    return write_slices(next_free - count, count) && drop_older(&sector.items[next_free - count]);
}
