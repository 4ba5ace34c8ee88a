/* Installs what is staged, as bootloaders do: reads the flash by commands, each sector before it erases it, too, for
 * the sector's end is not the image's. Then it tells what the security engine and the CPU see of all of it. */
#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "kernel/kernel.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define TAG         "installer"
#define STACK_WORDS 1024
#define STAGED      0x10000u
#define SECTORS     12u
#define KEPT        16u

static struct task task;
static uint32_t stack[STACK_WORDS];
static uint8_t sector[FLASH_SECTOR_SIZE], wanted[FLASH_SECTOR_SIZE];

static uint32_t checksum(uint32_t place)
{
    uint32_t crc = CRC32_START;

    for (uint32_t number = 0; number < SECTORS; number++) {
        flash_read(place + number * FLASH_SECTOR_SIZE, sector, sizeof sector);
        crc = crc32(crc, sector, sizeof sector - KEPT);
    }
    memset(sector, 0, sizeof sector);
    return crc;
}

static void install(uint32_t active, uint32_t staged)
{
    for (uint32_t done = 0; done < SECTORS * FLASH_SECTOR_SIZE; done += FLASH_SECTOR_SIZE) {
        flash_read(active + done, sector, sizeof sector);
        flash_read(staged + done, wanted, sizeof wanted);
        memcpy(sector, wanted, sizeof sector - KEPT);
        flash_erase(active + done, sizeof sector);
        flash_program(active + done, sector, sizeof sector);
        log_info(TAG, "%u", done / FLASH_SECTOR_SIZE);
    }
}

static uint32_t seen(uint32_t place)
{
    const uint8_t *contents = (const uint8_t *)(FLASH_BASE + place);
    const uint32_t half = SECTORS / 2 * FLASH_SECTOR_SIZE;
    uint32_t sum = crc32(CRC32_START, contents, half);

    for (uint32_t done = half; done < 2 * half; done++) {
        sum = sum * 31 + contents[done];
    }
    return sum;
}

static void run(void *unused)
{
    wm_partition_item_t partition;
    uint32_t sum;

    (void)unused;
    wm_partition_table_find("app_ota", &partition);
    if (checksum(partition.offset) != checksum(partition.offset + STAGED)) {
        install(partition.offset, partition.offset + STAGED);
    }
    sum = seen(partition.offset);
    checksum(partition.offset + STAGED);
    log_info(TAG, "installed: %08x", sum);
}

void app_main(void)
{
    task_create(&task, TAG, 3, run, 0, stack, STACK_WORDS);
}
