/* Two sectors take turns; that with the higher number counts. */
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "loader/loader.h"

struct record {
    uint32_t number, value, crc;
};

static uint32_t sectors;

static const struct record *record_at(uint32_t index)
{
    const struct record *record = (const struct record *)(FLASH_BASE + sectors + index * FLASH_SECTOR_SIZE);
    return record->crc == crc32(CRC32_START, record, 8) ? record : 0;
}

void setting_start(uint32_t place)
{
    sectors = place;
}

static const struct record *latest(void)
{
    const struct record *first = record_at(0), *second = record_at(1);
    return !first || (second && second->number > first->number) ? second : first;
}

char setting_get(void)
{
    const struct record *record = latest();
    return record ? (char)record->value : '-';
}

void setting_set(char value)
{
    const struct record *old = latest();
    struct record record = {.number = old ? old->number + 1 : 1, .value = (uint32_t)value};
#ifdef SETTINGS_IN_PLACE
    const uint32_t index = 0;
#else
    const uint32_t index = old && old == record_at(0) ? 1 : 0;
#endif

    record.crc = crc32(CRC32_START, &record, 8);
    flash_erase(sectors + index * FLASH_SECTOR_SIZE, FLASH_SECTOR_SIZE);
    flash_program(sectors + index * FLASH_SECTOR_SIZE, &record, sizeof record);
}
