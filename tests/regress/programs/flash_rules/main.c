/* Breaks each rule of docs/flash-rules.md once, in a function of the rule's name. Before that, it does what looks
 * similar and is allowed. */
#include "chip/flash.h"
#include "chip/memory_map.h"
#include "drivers/flash.h"
#include "drivers/flash_command.h"
#include "kernel/kernel.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define WORN_OUT 100u /* the checker tells of so many erases */

static uint32_t user, page; /* offsets */
volatile uint32_t seen;

static void program(uint32_t offset, uint32_t word)
{
    flash_program(offset, &word, sizeof word);
}

__attribute__((noinline)) void finished(void)
{
    __asm__ volatile("");
}

static void keep_rules(void)
{
    flash_erase(user, FLASH_SECTOR_SIZE);
    program(user, 0x12345678);
    program(user + 4, 0x12345678); /* the same page, other bytes */
    program(user, 0x12345678);     /* nothing changes */
    program(user, ~0u);            /* says nothing about any bit */
}

__attribute__((noinline)) void bits_stay_0(void)
{
    program(user, 0x1234567A);
}

__attribute__((noinline)) void not_erased(void)
{
    program(user + 4, 0x12345670);
}

__attribute__((noinline)) void running_image(void)
{
    program(((uint32_t)running_image - FLASH_BASE) & ~(FLASH_PAGE_SIZE - 1), ~0u);
}

__attribute__((noinline)) void outside_partition(void)
{
    program(user + 2 * FLASH_SECTOR_SIZE, ~0u);
}

__attribute__((noinline)) void foreign_partition(void)
{
    program(page, ~0u);
}

__attribute__((noinline)) void wear(void)
{
    for (uint32_t i = 0; i < WORN_OUT; i++) {
        flash_erase(user + FLASH_SECTOR_SIZE, FLASH_SECTOR_SIZE);
    }
}

/* Only this emulator's flash lets it be read meanwhile. */
__attribute__((noinline)) void read_while_erased(void)
{
    kernel_lock();
    flash_command(FLASH_WRITE_ENABLE, 0, 0);
    FLASH_CTRL->command_info = FLASH_ERASE_SECTOR | FLASH_INFO_SECTOR_ERASE | FLASH_INFO_ADDRESS;
    FLASH_CTRL->address = user;
    FLASH_CTRL->command_start = FLASH_START;
    seen = *(volatile uint32_t *)(FLASH_BASE + user + 8);
    for (uint32_t tries = 0; tries < 100; tries++) {
        seen = *(volatile uint32_t *)(FLASH_BASE + user + 8);
    }
    while (FLASH_CTRL->command_start & FLASH_START) {
    }
    kernel_unlock();
    seen = *(volatile uint32_t *)(FLASH_BASE + user + 8);
}

void app_main(void)
{
    wm_partition_item_t partition;

    wm_partition_table_find("user", &partition);
    user = partition.offset;
    wm_partition_table_find("partition_table", &partition);
    page = partition.offset + FLASH_SECTOR_SIZE - FLASH_PAGE_SIZE;
    keep_rules();
    bits_stay_0();
    not_erased();
    running_image();
    outside_partition();
    foreign_partition();
    wear();
    read_while_erased();
    finished();
}
