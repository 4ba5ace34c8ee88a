#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "loader/loader.h"
#include "runtime/string.h"

#define MAGIC 0x31474D49u

struct header {
    uint32_t magic, version, crc, header_crc;
};

uint32_t active, staged;
static uint8_t page[FLASH_PAGE_SIZE];

static const struct header *header_at(uint32_t place)
{
    return (const struct header *)(FLASH_BASE + place);
}

static bool has_header(uint32_t place)
{
    const struct header *header = header_at(place);
    return header->magic == MAGIC && header->header_crc == crc32(CRC32_START, header, 12);
}

static bool is_whole(uint32_t place)
{
    return has_header(place) &&
           header_at(place)->crc == crc32(CRC32_START, (const void *)(FLASH_BASE + place + FLASH_SECTOR_SIZE), BODY_SIZE);
}

static void copy(uint32_t to, uint32_t from, uint32_t size)
{
    for (uint32_t done = 0; done < size; done += sizeof page) {
        flash_read(from + done, page, sizeof page);
        flash_program(to + done, page, sizeof page);
    }
}

void download(uint32_t place, uint32_t version)
{
    struct header header = {.magic = MAGIC, .version = version, .crc = CRC32_START};

    memset(page, (int)version, sizeof page);
    for (uint32_t done = 0; done < BODY_SIZE; done += sizeof page) {
        header.crc = crc32(header.crc, page, sizeof page);
    }
    header.header_crc = crc32(CRC32_START, &header, 12);
    flash_erase(place, IMAGE_SIZE);
    flash_program(place, &header, sizeof header);
    for (uint32_t done = 0; done < BODY_SIZE; done += sizeof page) {
        memset(page, (int)version, sizeof page);
        flash_program(place + FLASH_SECTOR_SIZE + done, page, sizeof page);
    }
}

__attribute__((noinline)) static void install(void)
{
    const struct header header = *header_at(staged);

#ifdef NO_RETRY
    flash_erase(staged, FLASH_SECTOR_SIZE);
#endif
    flash_erase(active, IMAGE_SIZE);
#ifdef HEADER_FIRST
    flash_program(active, &header, sizeof header);
#endif
    copy(active + FLASH_SECTOR_SIZE, staged + FLASH_SECTOR_SIZE, BODY_SIZE);
#ifndef HEADER_FIRST
    flash_program(active, &header, sizeof header);
#endif
#ifndef NO_RETRY
    flash_erase(staged, FLASH_SECTOR_SIZE);
#endif
}

static bool is_update(void)
{
    return has_header(staged) && !(has_header(active) && header_at(active)->version == header_at(staged)->version);
}

uint32_t load(void)
{
    if (is_update()) {
#ifdef EARLY_ERASE
        flash_erase(active, IMAGE_SIZE);
#endif
        if (is_whole(staged)) {
            install();
        }
    }
    return is_whole(active) ? header_at(active)->version : 0;
}
